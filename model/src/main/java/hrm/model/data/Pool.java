package hrm.model.data;

import hrm.model.puzzle.Augmentation;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.Sudoku;
import java.util.List;
import java.util.SplittableRandom;

/** Sudoku in memory, with the symmetries of its kind. */
public final class Pool implements Dataset {
  private final Sudoku kind;
  private final Augmentation augmentation;
  private final List<Example> examples;

  private Pool(Sudoku kind, List<Example> examples) {
    this.kind = kind;
    this.augmentation = new Augmentation(kind);
    this.examples = examples;
  }

  public static Pool of(Sudoku kind, List<Example> examples) {
    return new Pool(kind, List.copyOf(examples));
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
    return examples.size();
  }

  @Override
  public int identifiers() {
    return 1;
  }

  @Override
  public Example example(int i) {
    return examples.get(i);
  }

  @Override
  public Example draw(int i, SplittableRandom random) {
    return augmentation.apply(examples.get(i), random);
  }

  @Override
  public Dataset subset(int from, int to) {
    return new Pool(kind, examples.subList(from, to));
  }
}
