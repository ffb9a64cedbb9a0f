package hrm.cluster.trace;

import hrm.model.puzzle.PuzzleException;
import hrm.model.puzzle.PuzzleKind;
import hrm.model.puzzle.PuzzleKinds;
import hrm.model.puzzle.Sudoku;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * The board of a job's puzzle and its rules, where they are known.
 *
 * @param kind whose rules hold; empty for a puzzle that is no board of any kind
 * @param puzzle as the job gave it, one character a cell
 */
public record BoardView(Optional<PuzzleKind> kind, String puzzle) {
  /**
   * @param name of the kind, perhaps empty; the puzzle's length tells it, too
   */
  static BoardView of(String puzzle, String name) {
    Optional<PuzzleKind> kind =
        PuzzleKinds.named(name)
            .or(() -> PuzzleKinds.ofCells(puzzle.length()))
            .filter(k -> parsed(k, puzzle).isPresent());
    return new BoardView(kind, puzzle);
  }

  private static Optional<int[]> parsed(PuzzleKind kind, String text) {
    try {
      return Optional.of(kind.parse(text));
    } catch (PuzzleException e) {
      return Optional.empty();
    }
  }

  /** Cells a side of a square board; 0 when it is none. */
  public int side() {
    int side = (int) Math.round(Math.sqrt(puzzle.length()));
    return side * side == puzzle.length() ? side : 0;
  }

  public int rows() {
    return side() > 0 ? side() : 1;
  }

  public int columns() {
    return side() > 0 ? side() : puzzle.length();
  }

  /** Present where the board has boxes. */
  public Optional<Sudoku> sudoku() {
    return kind.filter(Sudoku.class::isInstance).map(Sudoku.class::cast);
  }

  /** Whether the puzzle fixes this cell. */
  public boolean isGiven(int cell) {
    return kind.isPresent() && cell < puzzle.length() && ".0_ ".indexOf(puzzle.charAt(cell)) < 0;
  }

  /** Cells of a board that break the rules or a given, ascending; none where no rules are known. */
  List<Integer> conflicts(String board) {
    if (kind.isEmpty() || board.length() != puzzle.length()) {
      return List.of();
    }
    // A token that is no symbol stands as '?': it is nothing that could conflict with another cell.
    Optional<int[]> tokens = parsed(kind.get(), board.replace('?', '.'));
    TreeSet<Integer> conflicts = new TreeSet<>();
    tokens.ifPresent(found -> conflicts.addAll(kind.get().conflicts(found)));
    for (int cell = 0; cell < puzzle.length(); cell++) {
      if (isGiven(cell) && board.charAt(cell) != puzzle.charAt(cell)) {
        conflicts.add(cell);
      }
    }
    return new ArrayList<>(conflicts);
  }

  /** Whether a board answers the puzzle; empty where no rules are known. */
  Optional<Boolean> solves(String board) {
    return kind.flatMap(
        k ->
            board.isEmpty()
                ? Optional.empty()
                : Optional.of(
                    parsed(k, board).map(a -> k.solves(k.parse(puzzle), a)).orElse(false)));
  }
}
