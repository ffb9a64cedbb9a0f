package hrm.model.puzzle;

/** Puzzles with one solution each, the same ones in the same order for the same seed. */
public interface PuzzleGenerator {
  Example next();

  /**
   * @throws IllegalArgumentException when nobody makes puzzles of that kind
   */
  static PuzzleGenerator of(PuzzleKind kind, long seed) {
    if (kind instanceof Sudoku sudoku) {
      return new SudokuGenerator(sudoku, seed);
    }
    if (kind instanceof Maze maze) {
      return new MazeGenerator(maze, seed);
    }
    throw new IllegalArgumentException("there is no generator of " + kind.name());
  }
}
