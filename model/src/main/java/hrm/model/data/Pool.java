package hrm.model.data;

import hrm.model.puzzle.Example;
import hrm.model.puzzle.PuzzleKind;
import hrm.model.puzzle.Symmetries;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Puzzles of one kind in memory, a byte a token, with the symmetries of the kind. */
public final class Pool implements Dataset {
  private final PuzzleKind kind;
  private final Symmetries symmetries;
  private final TokenRows inputs;
  private final TokenRows labels;
  private final int from;
  private final int to;

  Pool(PuzzleKind kind, TokenRows inputs, TokenRows labels, int from, int to) {
    this.kind = kind;
    this.symmetries = Symmetries.of(kind);
    this.inputs = inputs;
    this.labels = labels;
    this.from = from;
    this.to = to;
  }

  /**
   * @throws IllegalArgumentException for an example that a byte a token does not hold: with cells
   *     that do not count, or an identifier
   */
  public static Pool of(PuzzleKind kind, List<Example> examples) {
    TokenRows inputs = new TokenRows(kind.cells());
    TokenRows labels = new TokenRows(kind.cells());
    for (Example example : examples) {
      if (example.identifier() != 0 || Arrays.stream(example.labels()).anyMatch(l -> l < 0)) {
        throw new IllegalArgumentException(
            "a pool holds puzzles of which every cell counts, without identifiers");
      }
      inputs.add(example.inputs());
      labels.add(example.labels());
    }
    return new Pool(kind, inputs, labels, 0, examples.size());
  }

  public PuzzleKind kind() {
    return kind;
  }

  @Override
  public int seqLen() {
    return kind.cells();
  }

  @Override
  public int vocabSize() {
    return kind.vocabulary();
  }

  @Override
  public int size() {
    return to - from;
  }

  @Override
  public int identifiers() {
    return 1;
  }

  @Override
  public Example example(int i) {
    java.util.Objects.checkIndex(i, size());
    return new Example(inputs.row(from + i), labels.row(from + i));
  }

  @Override
  public Example draw(int i, SplittableRandom random) {
    return symmetries.apply(example(i), random);
  }

  /**
   * So many equals of puzzle i, as {@link Symmetries#copies}.
   *
   * @throws IllegalArgumentException when the kind has fewer
   */
  List<Example> copies(int i, int count, SplittableRandom random) {
    return symmetries.copies(example(i), count, random);
  }

  @Override
  public Dataset subset(int first, int end) {
    java.util.Objects.checkFromToIndex(first, end, size());
    return new Pool(kind, inputs, labels, from + first, from + end);
  }
}
