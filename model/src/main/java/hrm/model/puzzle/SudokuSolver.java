package hrm.model.puzzle;

/**
 * A depth-first search over bit masks, always at the blank with the fewest candidates. Solves and
 * counts solutions; not a model, a referee. One thread at a time.
 */
public final class SudokuSolver {
  private final Sudoku kind;
  private final int size;
  private final int[] rows;
  private final int[] columns;
  private final int[] boxes;
  private final int[] board; // digits 1..size, 0 blank
  private int[] solution; // the first found
  private int limit;
  private int found;

  public SudokuSolver(Sudoku kind) {
    this.kind = kind;
    this.size = kind.size();
    this.rows = new int[size];
    this.columns = new int[size];
    this.boxes = new int[size];
    this.board = new int[kind.cells()];
  }

  /**
   * How many solutions a puzzle has, counted up to {@code limit}; contradictory clues have none.
   */
  public int count(int[] puzzle, int limit) {
    java.util.Arrays.fill(rows, 0);
    java.util.Arrays.fill(columns, 0);
    java.util.Arrays.fill(boxes, 0);
    this.limit = limit;
    found = 0;
    for (int i = 0; i < board.length; i++) {
      int digit = puzzle[i] - Sudoku.BLANK;
      board[i] = digit;
      if (digit > 0) {
        int bit = 1 << digit;
        if (((rows[i / size] | columns[i % size] | boxes[kind.box(i)]) & bit) != 0) {
          return 0;
        }
        set(i, bit);
      }
    }
    search();
    return found;
  }

  /** The first solution found, or null when there is none. */
  public int[] solve(int[] puzzle) {
    return count(puzzle, 1) == 0 ? null : solution.clone();
  }

  private void search() {
    int best = -1;
    int bestCount = size + 1;
    int bestMask = 0;
    for (int i = 0; i < board.length; i++) {
      if (board[i] == 0) {
        int mask = ~(rows[i / size] | columns[i % size] | boxes[kind.box(i)]) & (2 << size) - 2;
        int count = Integer.bitCount(mask);
        if (count < bestCount) {
          best = i;
          bestCount = count;
          bestMask = mask;
          if (count < 2) {
            break;
          }
        }
      }
    }
    if (best < 0) {
      if (found++ == 0) {
        solution = new int[board.length];
        for (int i = 0; i < board.length; i++) {
          solution[i] = board[i] + Sudoku.BLANK;
        }
      }
      return;
    }
    for (int mask = bestMask; mask != 0 && found < limit; mask &= mask - 1) {
      int bit = mask & -mask;
      board[best] = Integer.numberOfTrailingZeros(bit);
      set(best, bit);
      search();
      set(best, bit);
      board[best] = 0;
    }
  }

  /** Puts a digit's bit into its units, or takes it out again. */
  private void set(int cell, int bit) {
    rows[cell / size] ^= bit;
    columns[cell % size] ^= bit;
    boxes[kind.box(cell)] ^= bit;
  }
}
