package hrm.model.puzzle;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Every puzzle kind with rules of its own. */
public final class PuzzleKinds {
  public static final List<PuzzleKind> ALL =
      List.of(Sudoku.SIZE_4, Sudoku.SIZE_6, Sudoku.SIZE_9, Maze.SIZE_30);

  private PuzzleKinds() {}

  public static Optional<PuzzleKind> named(String name) {
    return ALL.stream().filter(kind -> kind.name().equals(name)).findFirst();
  }

  /** All names, for messages. */
  public static String names() {
    return ALL.stream().map(PuzzleKind::name).collect(Collectors.joining(", "));
  }

  /** The kind whose boards have this many cells. */
  public static Optional<PuzzleKind> ofCells(int cells) {
    return ALL.stream().filter(kind -> kind.cells() == cells).findFirst();
  }
}
