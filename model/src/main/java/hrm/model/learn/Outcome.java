package hrm.model.learn;

import hrm.model.puzzle.Example;

/**
 * What a model made of one puzzle after some segments.
 *
 * @param index of the puzzle in its dataset, from 0
 * @param answer tokens (seq_len)
 * @param segments that it took
 * @param cells labels that count
 * @param wrongCells of these, the ones that the answer misses
 * @param solved whether the puzzle's rules accept the answer; false where they are not known
 * @param qHalt raw logit of "stop now" after these segments
 * @param qContinue raw logit of "go on"
 * @param signal whether the halting head says stop
 */
public record Outcome(
    int index,
    Example example,
    int[] answer,
    int segments,
    int cells,
    int wrongCells,
    boolean solved,
    float qHalt,
    float qContinue,
    boolean signal) {
  /** Label of a cell that does not count. */
  static final int IGNORED = -100;

  /** Whether every cell that counts equals its label. */
  public boolean exact() {
    return wrongCells == 0;
  }

  /** Share of the counting cells that equal their label, as published: 0 where none counts. */
  public double cellAccuracy() {
    return (double) (cells - wrongCells) / Math.max(1, cells);
  }
}
