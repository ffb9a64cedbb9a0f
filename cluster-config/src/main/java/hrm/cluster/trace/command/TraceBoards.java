package hrm.cluster.trace.command;

import hrm.cluster.cli.Colours;
import hrm.cluster.trace.BoardView;
import hrm.cluster.trace.CycleView;
import hrm.model.puzzle.Sudoku;
import java.util.ArrayList;
import java.util.List;

/** Boards side by side: {@code +} before a cell that changed, {@code !} before one in conflict. */
record TraceBoards(BoardView board, Colours colours) {
  private static final int WIDTH = 100;
  private static final int MOST = 8;
  private static final int NARROW = 16; // columns; wider boards have no marks

  /** The puzzle, and the boards of those cycles at which something changed. */
  List<String> lines(List<CycleView> cycles) {
    List<CycleView> shown = new ArrayList<>();
    for (CycleView cycle : cycles) {
      if (cycle.index() == 0 || !cycle.changed().isEmpty()) {
        shown.add(cycle);
      }
    }
    shown.removeIf(cycle -> cycle.cycle().getBoard().length() != board.puzzle().length());
    while (shown.size() > MOST) {
      shown.remove(shown.size() / 2);
    }
    List<List<String>> blocks = new ArrayList<>();
    if (board.kind().isEmpty()) {
      return List.of();
    }
    blocks.add(block("puzzle", board.puzzle(), null));
    for (CycleView cycle : shown) {
      String title = "%d.%d".formatted(cycle.cycle().getSegment(), cycle.cycle().getCycle());
      blocks.add(block(title, cycle.cycle().getBoard(), cycle));
    }
    return beside(blocks);
  }

  /** One board alone. */
  List<String> lines(CycleView cycle) {
    return board.kind().isEmpty() || cycle.cycle().getBoard().length() != board.puzzle().length()
        ? List.of()
        : block("board", cycle.cycle().getBoard(), cycle);
  }

  private int cellWidth() {
    return board.columns() > NARROW ? 1 : 2;
  }

  private int boxColumns() {
    return board.sudoku().map(Sudoku::boxColumns).orElse(board.columns());
  }

  private int width() {
    return cellWidth() * board.columns() + (board.columns() - 1) / boxColumns();
  }

  private List<String> block(String title, String text, CycleView cycle) {
    List<String> lines = new ArrayList<>();
    lines.add(pad(title, width()));
    int boxRows = board.sudoku().map(Sudoku::boxRows).orElse(board.rows());
    for (int row = 0; row < board.rows(); row++) {
      if (row > 0 && row % boxRows == 0) {
        lines.add(" ".repeat(width()));
      }
      StringBuilder line = new StringBuilder();
      for (int column = 0; column < board.columns(); column++) {
        line.append(column > 0 && column % boxColumns() == 0 ? " " : "");
        line.append(cell(text, row * board.columns() + column, cycle));
      }
      lines.add(line.toString());
    }
    return lines;
  }

  private String cell(String text, int cell, CycleView cycle) {
    boolean conflict = cycle != null && cycle.conflicts().contains(cell);
    boolean changed = cycle != null && cycle.changed().contains(cell);
    char symbol = text.charAt(cell);
    String shown = symbol < ' ' || symbol > '~' ? "?" : "" + symbol;
    String mark = conflict ? "!" : changed ? "+" : " ";
    String both = cellWidth() == 1 ? shown : mark + shown;
    return conflict
        ? colours.red(both)
        : changed ? colours.green(both) : board.isGiven(cell) ? colours.bold(both) : both;
  }

  private List<String> beside(List<List<String>> blocks) {
    int across = Math.max(1, WIDTH / (width() + 3));
    List<String> lines = new ArrayList<>();
    for (int from = 0; from < blocks.size(); from += across) {
      List<List<String>> some = blocks.subList(from, Math.min(blocks.size(), from + across));
      for (int i = 0; i < some.get(0).size(); i++) {
        int row = i;
        lines.add(
            String.join("   ", some.stream().map(block -> block.get(row)).toList())
                .stripTrailing());
      }
      lines.add("");
    }
    return lines;
  }

  private static String pad(String text, int width) {
    return text.length() >= width ? text : text + " ".repeat(width - text.length());
  }
}
