package hrm.model.puzzle;

import java.util.List;
import java.util.Optional;

/** Every puzzle kind with rules of its own. */
public final class PuzzleKinds {
  public static final List<PuzzleKind> ALL = List.of(Sudoku.SIZE_4, Sudoku.SIZE_6, Sudoku.SIZE_9);

  private PuzzleKinds() {}

  public static Optional<PuzzleKind> named(String name) {
    return ALL.stream().filter(kind -> kind.name().equals(name)).findFirst();
  }

  /** The kind whose boards have this many cells. */
  public static Optional<PuzzleKind> ofCells(int cells) {
    return ALL.stream().filter(kind -> kind.cells() == cells).findFirst();
  }
}
