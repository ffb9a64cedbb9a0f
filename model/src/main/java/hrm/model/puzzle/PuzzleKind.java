package hrm.model.puzzle;

import java.util.List;

/** A kind of puzzle: its alphabet, its board, its rules. Independent of any model. */
public interface PuzzleKind {
  /** The token of a position that holds no cell. */
  int PAD = 0;

  /** Name by which jobs choose it, e.g. {@code sudoku-9x9}. */
  String name();

  int cells();

  /** Tokens a cell may hold, PAD included. */
  int vocabulary();

  /**
   * Tokens of a board written one character a cell.
   *
   * @throws PuzzleException on a wrong length or an unknown symbol
   */
  int[] parse(String text);

  /**
   * @throws PuzzleException when a token is out of range or two clues contradict each other
   */
  void check(int[] tokens);

  /** A board as text, one character a cell; '.' is blank, '?' a token that is no symbol. */
  String text(int[] tokens);

  /** Whether an answer is complete, keeps every clue of the puzzle and obeys the rules. */
  boolean solves(int[] puzzle, int[] answer);

  /** Cells that stand in conflict with another cell, ascending. */
  List<Integer> conflicts(int[] tokens);
}
