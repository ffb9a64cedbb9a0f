package hrm.model.data;

import hrm.model.puzzle.Maze;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Lines of a file of puzzles that hold none: blank ones, and those that start with {@code #},
 * unless a maze may begin there, of which {@code #} is a wall.
 */
public final class Remarks {
  /** The symbols of a maze alone, S or G among them: no words, nor a line under a title. */
  private static final Pattern MAZE = Pattern.compile("[#. o]*[SG][#. SGo]*");

  private Remarks() {}

  /**
   * @param header names of the columns; null before it is read, and where a line is a board
   */
  public static boolean contains(String line, List<String> header) {
    if (line.isBlank()) {
      return true;
    }
    if (!line.stripLeading().startsWith("#")) {
      return false;
    }
    boolean board = header == null || header.get(0).matches("question|answer");
    return !board || !mayBeMaze(line.split(",", 2)[0]);
  }

  /** One that is cut short or has a wrong symbol is to be refused, not skipped. */
  private static boolean mayBeMaze(String text) {
    return text.length() == Maze.SIZE_30.cells() || MAZE.matcher(text).matches();
  }
}
