package hrm.model.data;

import hrm.model.puzzle.Example;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/** Each stored example of an .npy dataset on its own, in their order. */
final class NpyExamples implements Dataset {
  /** Rows from..to-1 of a set; the first of them has that number among all. */
  private record Rows(NpyDataset.Part part, int number, int from, int to) {}

  private final NpyDataset data;
  private final List<Rows> rows;
  private final int from;
  private final int to;

  private NpyExamples(NpyDataset data, List<Rows> rows, int from, int to) {
    this.data = data;
    this.rows = rows;
    this.from = from;
    this.to = to;
  }

  /** Those of groups from..to-1. */
  static NpyExamples of(NpyDataset data, List<NpyDataset.Part> parts, int from, int to) {
    List<Rows> rows = new ArrayList<>();
    int number = 0;
    for (NpyDataset.Part part : parts) {
      int first = Math.max(0, from - part.firstGroup());
      int end = Math.min(part.groupCount(), to - part.firstGroup());
      if (first < end) {
        Rows some = new Rows(part, number, part.row(first), part.row(end));
        rows.add(some);
        number = Math.addExact(number, some.to - some.from);
      }
    }
    return new NpyExamples(data, rows, 0, number);
  }

  @Override
  public int seqLen() {
    return data.seqLen();
  }

  @Override
  public int vocabSize() {
    return data.vocabSize();
  }

  @Override
  public int size() {
    return to - from;
  }

  @Override
  public int identifiers() {
    return data.identifiers();
  }

  @Override
  public Example example(int i) {
    int number = Objects.checkIndex(i, size()) + from;
    for (Rows some : rows) {
      int row = some.from + number - some.number;
      if (row < some.to) {
        return data.example(some.part, some.part.puzzle(row), row);
      }
    }
    throw new AssertionError(number);
  }

  @Override
  public Example draw(int i, SplittableRandom random) {
    return example(i);
  }

  @Override
  public Dataset subset(int first, int end) {
    Objects.checkFromToIndex(first, end, size());
    return new NpyExamples(data, rows, from + first, from + end);
  }
}
