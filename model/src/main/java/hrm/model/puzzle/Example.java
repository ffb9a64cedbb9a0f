package hrm.model.puzzle;

/**
 * A puzzle and its solution, as tokens.
 *
 * @param labels a cell of -100 does not count
 * @param identifier of the puzzle's own embedding; 0 where models have none
 */
public record Example(int[] inputs, int[] labels, int identifier) {
  public Example(int[] inputs, int[] labels) {
    this(inputs, labels, 0);
  }
}
