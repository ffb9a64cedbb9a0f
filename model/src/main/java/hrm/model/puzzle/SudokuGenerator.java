package hrm.model.puzzle;

import java.util.SplittableRandom;

/**
 * Sudoku puzzles with one solution each, the same ones for the same seed: a random full grid, from
 * which clues are taken in random order as long as the solution stays unique, down to a number
 * drawn evenly from the kind's range.
 */
public final class SudokuGenerator implements PuzzleGenerator {
  private final Sudoku kind;
  private final SudokuSolver solver;
  private final SplittableRandom random;

  public SudokuGenerator(Sudoku kind, long seed) {
    this.kind = kind;
    this.solver = new SudokuSolver(kind);
    this.random = new SplittableRandom(seed);
  }

  private int targetClues() {
    return switch (kind.size()) {
      case 4 -> random.nextInt(4, 9);
      case 6 -> random.nextInt(9, 17);
      default -> random.nextInt(24, 35);
    };
  }

  @Override
  public Example next() {
    int[] grid = grid();
    int[] puzzle = grid.clone();
    int clues = puzzle.length;
    int target = targetClues();
    for (int cell : shuffled(puzzle.length)) {
      if (clues <= target) {
        break;
      }
      int token = puzzle[cell];
      puzzle[cell] = Sudoku.BLANK;
      if (solver.count(puzzle, 2) == 1) {
        clues--;
      } else {
        puzzle[cell] = token;
      }
    }
    return new Example(puzzle, grid);
  }

  /** A full grid: a random start completed by search, then one of its symmetries. */
  private int[] grid() {
    int[] digits = shuffled(kind.size());
    int[] grid;
    do {
      grid = solver.solve(kind.size() == 9 ? diagonal() : firstRow(digits));
    } while (grid == null);
    return new Augmentation(kind).apply(new Example(grid, grid), random).labels();
  }

  /** The first row and some random clues, which may contradict each other. */
  private int[] firstRow(int[] digits) {
    int[] start = blank();
    for (int column = 0; column < kind.size(); column++) {
      start[column] = digits[column] + 2;
    }
    for (int i = 0; i < kind.size(); i++) {
      int cell = random.nextInt(kind.size(), kind.cells());
      start[cell] = random.nextInt(kind.size()) + 2;
    }
    return start;
  }

  /**
   * The boxes on the diagonal, which never contradict each other: a large board is found at once.
   */
  private int[] diagonal() {
    int[] start = blank();
    for (int box = 0; box < kind.boxRows(); box++) {
      int[] digits = shuffled(kind.size());
      for (int i = 0; i < kind.size(); i++) {
        int row = box * kind.boxRows() + i / kind.boxColumns();
        int column = box * kind.boxColumns() + i % kind.boxColumns();
        start[row * kind.size() + column] = digits[i] + 2;
      }
    }
    return start;
  }

  private int[] blank() {
    int[] board = new int[kind.cells()];
    java.util.Arrays.fill(board, Sudoku.BLANK);
    return board;
  }

  private int[] shuffled(int n) {
    return Augmentation.shuffle(n, random);
  }
}
