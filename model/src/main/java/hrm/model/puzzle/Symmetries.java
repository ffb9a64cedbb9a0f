package hrm.model.puzzle;

import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/** Changes of a puzzle that keep it a puzzle of its kind, and its solution its solution. */
public interface Symmetries {
  /** A random equal of the example; a new one, the argument stays as it is. */
  Example apply(Example example, SplittableRandom random);

  /**
   * Equals to stand beside an example: random ones where the symmetries are very many, different
   * ones where they are few.
   *
   * @throws IllegalArgumentException when there are fewer
   */
  default List<Example> copies(Example example, int count, SplittableRandom random) {
    return Stream.generate(() -> apply(example, random.split())).limit(count).toList();
  }

  /** Those of a kind; none where it has none of its own. */
  static Symmetries of(PuzzleKind kind) {
    return kind instanceof Sudoku sudoku
        ? new Augmentation(sudoku)
        : kind instanceof Maze maze ? new Dihedral(maze.size()) : (example, random) -> example;
  }
}
