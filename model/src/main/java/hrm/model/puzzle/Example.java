package hrm.model.puzzle;

/** A puzzle and its one solution, as tokens. */
public record Example(int[] inputs, int[] labels) {}
