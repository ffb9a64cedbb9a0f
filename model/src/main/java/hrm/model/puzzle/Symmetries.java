package hrm.model.puzzle;

import java.util.SplittableRandom;

/** Changes of a puzzle that keep it a puzzle of its kind, and its solution its solution. */
public interface Symmetries {
  /** A random equal of the example; a new one, the argument stays as it is. */
  Example apply(Example example, SplittableRandom random);

  /** Those of a kind; none where it has none of its own. */
  static Symmetries of(PuzzleKind kind) {
    return kind instanceof Sudoku sudoku
        ? new Augmentation(sudoku)
        : kind instanceof Maze maze ? new Dihedral(maze.size()) : (example, random) -> example;
  }
}
