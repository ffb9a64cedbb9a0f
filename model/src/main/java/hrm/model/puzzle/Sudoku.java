package hrm.model.puzzle;

import java.util.ArrayList;
import java.util.List;

/**
 * Sudoku of one size: every row, column and box holds every digit once. Tokens as published: 0 PAD,
 * 1 blank, digit d is d + 1.
 */
public final class Sudoku implements PuzzleKind {
  public static final Sudoku SIZE_4 = new Sudoku(2, 2);
  public static final Sudoku SIZE_6 = new Sudoku(2, 3);
  public static final Sudoku SIZE_9 = new Sudoku(3, 3);

  /** The token of a cell without a clue. */
  static final int BLANK = 1;

  private final int boxRows;
  private final int boxColumns;
  private final int size;

  private Sudoku(int boxRows, int boxColumns) {
    this.boxRows = boxRows;
    this.boxColumns = boxColumns;
    this.size = boxRows * boxColumns;
  }

  public int size() {
    return size;
  }

  public int boxRows() {
    return boxRows;
  }

  public int boxColumns() {
    return boxColumns;
  }

  int box(int cell) {
    return cell / size / boxRows * (size / boxColumns) + cell % size / boxColumns;
  }

  @Override
  public String name() {
    return "sudoku-" + size + "x" + size;
  }

  @Override
  public int cells() {
    return size * size;
  }

  @Override
  public int vocabulary() {
    return size + 2;
  }

  @Override
  public int[] parse(String text) {
    if (text.length() != cells()) {
      throw new PuzzleException(
          "text",
          "%s has %d cells, but the text has %d characters; give one character a cell, row by row"
              .formatted(name(), cells(), text.length()));
    }
    int[] tokens = new int[cells()];
    for (int i = 0; i < tokens.length; i++) {
      char symbol = text.charAt(i);
      if (symbol == '.' || symbol == '0' || symbol == '_') {
        tokens[i] = BLANK;
      } else if (symbol >= '1' && symbol < '1' + size) {
        tokens[i] = symbol - '0' + 1;
      } else {
        throw new PuzzleException(
            "text",
            "%s: symbol '%s' is not allowed; use 1 to %d, and '.' or '0' for a blank"
                .formatted(place(i), printable(symbol), size));
      }
    }
    return tokens;
  }

  private static String printable(char symbol) {
    return symbol >= ' ' && symbol < 127 ? "" + symbol : "U+%04X".formatted((int) symbol);
  }

  @Override
  public void check(int[] tokens) {
    if (tokens.length != cells()) {
      throw new PuzzleException(
          "tokens",
          "%s has %d cells, but there are %d tokens".formatted(name(), cells(), tokens.length));
    }
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < BLANK || tokens[i] > size + 1) {
        throw new PuzzleException(
            "tokens",
            "%s: token %d is not allowed; use 1 for a blank and d+1 for digit d, up to %d"
                .formatted(place(i), tokens[i], size + 1));
      }
    }
    for (int i = 0; i < tokens.length; i++) {
      for (int j = i + 1; j < tokens.length; j++) {
        if (tokens[i] > BLANK && tokens[i] == tokens[j] && sees(i, j)) {
          throw new PuzzleException(
              "text",
              "the clues contradict each other: %s and %s are both %d in one %s; correct one of them"
                  .formatted(place(i), place(j), tokens[i] - 1, unit(i, j)));
        }
      }
    }
  }

  private boolean sees(int i, int j) {
    return i / size == j / size || i % size == j % size || box(i) == box(j);
  }

  private String unit(int i, int j) {
    return i / size == j / size ? "row" : i % size == j % size ? "column" : "box";
  }

  private String place(int cell) {
    return "row %d, column %d".formatted(cell / size + 1, cell % size + 1);
  }

  @Override
  public String text(int[] tokens) {
    StringBuilder text = new StringBuilder(tokens.length);
    for (int token : tokens) {
      text.append(
          token == BLANK
              ? '.'
              : token > BLANK && token <= size + 1 ? (char) ('0' + token - 1) : '?');
    }
    return text.toString();
  }

  @Override
  public boolean solves(int[] puzzle, int[] answer) {
    if (answer.length != cells() || puzzle.length != cells()) {
      return false;
    }
    for (int i = 0; i < answer.length; i++) {
      if (answer[i] <= BLANK || answer[i] > size + 1) {
        return false;
      }
      if (puzzle[i] > BLANK && puzzle[i] != answer[i]) {
        return false;
      }
    }
    return conflicts(answer).isEmpty();
  }

  @Override
  public List<Integer> conflicts(int[] tokens) {
    List<Integer> conflicts = new ArrayList<>();
    for (int i = 0; i < tokens.length; i++) {
      for (int j = 0; j < tokens.length; j++) {
        if (i != j && tokens[i] > BLANK && tokens[i] == tokens[j] && sees(i, j)) {
          conflicts.add(i);
          break;
        }
      }
    }
    return conflicts;
  }
}
