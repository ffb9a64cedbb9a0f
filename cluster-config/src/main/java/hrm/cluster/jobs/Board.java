package hrm.cluster.jobs;

import hrm.model.puzzle.Sudoku;
import hrm.proto.PuzzleResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** A puzzle that fills in with its answer, the cells first that the model was surest of. */
final class Board {
  private final String puzzle;
  private final String answer;
  private final int[] order; // blank cells, surest first
  private final boolean boxes;
  private int filled;

  Board(Puzzle puzzle, PuzzleResult result) {
    this.puzzle = puzzle.text();
    this.boxes = puzzle.kind() instanceof Sudoku;
    this.answer =
        result.getText().length() == this.puzzle.length() ? result.getText() : this.puzzle;
    boolean known = result.getConfidenceCount() == this.puzzle.length();
    this.order =
        IntStream.range(0, this.puzzle.length())
            .filter(cell -> this.puzzle.charAt(cell) == '.')
            .boxed()
            .sorted(Comparator.comparing(cell -> known ? -result.getConfidence(cell) : 0))
            .mapToInt(Integer::intValue)
            .toArray();
  }

  /** Fills in a share of the blanks. */
  void fill(double share) {
    filled = Math.min(order.length, filled + (int) Math.ceil(order.length * share));
  }

  boolean full() {
    return filled == order.length;
  }

  /** One text a row, boxes apart. */
  List<String> rows() {
    char[] cells = puzzle.toCharArray();
    for (int i = 0; i < filled; i++) {
      cells[order[i]] = answer.charAt(order[i]);
    }
    int size = (int) Math.sqrt(cells.length);
    int boxRows = boxes ? (int) Math.sqrt(size) : size;
    int boxColumns = boxes ? size / boxRows : size;
    List<String> rows = new ArrayList<>();
    for (int r = 0; r < size; r++) {
      if (r > 0 && r % boxRows == 0) {
        rows.add("");
      }
      StringBuilder row = new StringBuilder();
      for (int c = 0; c < size; c++) {
        row.append(c > 0 && c % boxColumns == 0 ? "  " : " ").append(cells[r * size + c]);
      }
      rows.add(row.toString());
    }
    return rows;
  }
}
