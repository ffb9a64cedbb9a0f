package hrm.cluster.jobs;

import hrm.cluster.cli.CommandException;
import hrm.model.data.Remarks;
import hrm.model.puzzle.PuzzleException;
import hrm.model.puzzle.PuzzleKind;
import hrm.model.puzzle.PuzzleKinds;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Puzzles written one a line: the board alone, or CSV with a header that names the column {@code
 * question}, as in {@code source,question,answer,rating}. {@link Remarks} are skipped. A space may
 * be a maze's free cell.
 */
final class PuzzleFile {
  private static final int SHOWN = 5;
  private static final int LONGEST = 100;
  private static final String COLUMN = "question";
  private static final Pattern TABLE = Pattern.compile("[,;\\t]"); // not in any board

  private final String name;
  private final List<Puzzle> puzzles = new ArrayList<>();
  private final List<String> wrong = new ArrayList<>();
  private List<String> header; // null: lines are boards
  private boolean begun;

  private PuzzleFile(String name) {
    this.name = name;
  }

  /**
   * Reads and checks every line.
   *
   * @param name of the file, for messages
   * @throws CommandException naming the lines that are not puzzles
   */
  static List<Puzzle> read(String name, BufferedReader in) throws IOException {
    PuzzleFile file = new PuzzleFile(name);
    int number = 0;
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      number++;
      String text = number == 1 && line.startsWith("\uFEFF") ? line.substring(1) : line;
      if (!Remarks.contains(text, file.header)) {
        file.line(number, text);
      }
    }
    file.check();
    return file.puzzles;
  }

  private void line(int number, String line) {
    if (!begun) {
      begun = true;
      List<String> columns = columns(line).stream().map(String::strip).toList();
      if (columns.contains(COLUMN)) {
        header = columns;
        return;
      }
      if (TABLE.matcher(line).find()) {
        throw CommandException.wrongInput(
            "%s:%d: the first line names no column %s: %s; begin CSV with a header such as source,question,answer,rating, with commas between its columns"
                .formatted(name, number, COLUMN, shortened(line)));
      }
    }
    try {
      puzzles.add(puzzle(board(header == null ? line : column(line))));
    } catch (PuzzleException e) {
      wrong.add("%s:%d: %s".formatted(name, number, e.getMessage()));
    }
  }

  private static String shortened(String line) {
    return line.length() > LONGEST ? line.substring(0, LONGEST) + "..." : line;
  }

  private String column(String line) {
    List<String> columns = columns(line);
    if (columns.size() != header.size()) {
      throw new PuzzleException(
          "text",
          "there are %d columns where the header has %d; give %s"
              .formatted(columns.size(), header.size(), String.join(",", header)));
    }
    return columns.get(header.indexOf(COLUMN));
  }

  private static List<String> columns(String line) {
    return Arrays.asList(line.split(",", -1));
  }

  /** Without the white space around it, where it is a board without. */
  private static String board(String text) {
    boolean whole = PuzzleKinds.ofCells(text.length()).isPresent();
    return whole || PuzzleKinds.ofCells(text.strip().length()).isEmpty() ? text : text.strip();
  }

  /**
   * A checked puzzle of the kind that its length tells.
   *
   * @throws PuzzleException saying what is wrong with it
   */
  static Puzzle puzzle(String text) {
    PuzzleKind kind =
        PuzzleKinds.ofCells(text.length())
            .orElseThrow(
                () ->
                    new PuzzleException(
                        "text",
                        "there are %d characters; give %s, row by row"
                            .formatted(text.length(), sizes())));
    int[] tokens = kind.parse(text);
    kind.check(tokens);
    return new Puzzle(kind, kind.text(tokens));
  }

  private static String sizes() {
    return PuzzleKinds.ALL.stream()
        .map(kind -> "%d (%s)".formatted(kind.cells(), kind.name()))
        .collect(Collectors.joining(" or "));
  }

  private void check() {
    if (!wrong.isEmpty()) {
      String lines = wrong.stream().limit(SHOWN).collect(Collectors.joining("\n  "));
      String more = wrong.size() > SHOWN ? "\n  and %d more".formatted(wrong.size() - SHOWN) : "";
      throw CommandException.wrongInput(
          "nothing was sent, because %d of %d lines are not puzzles:\n  %s%s"
              .formatted(wrong.size(), wrong.size() + puzzles.size(), lines, more));
    }
    if (puzzles.isEmpty()) {
      throw CommandException.wrongInput(
          "%s holds no puzzle; write one a line, as %s characters".formatted(name, sizes()));
    }
  }
}
