package hrm.cluster.jobs;

import hrm.model.puzzle.PuzzleKind;

/** A board to be solved, with blanks as '.', and the rules for it. */
public record Puzzle(PuzzleKind kind, String text) {
  /** Whether an answer obeys the rules and keeps the clues; asks no model. */
  public boolean solvedBy(String answer) {
    return answer.length() == text.length() && kind.solves(kind.parse(text), parse(answer));
  }

  private int[] parse(String answer) {
    try {
      return kind.parse(answer);
    } catch (IllegalArgumentException e) {
      return new int[0]; // a symbol that this board does not have
    }
  }
}
