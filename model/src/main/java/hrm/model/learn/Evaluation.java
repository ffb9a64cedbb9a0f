package hrm.model.learn;

import hrm.model.Backend;
import hrm.model.HaltingPolicy;
import hrm.model.Model;
import hrm.model.data.Dataset;

/**
 * How many puzzles a model solves after each segment without early halting, as the reference
 * evaluates, and what its halting head makes of them. All shares are of the puzzles, in [0, 1].
 *
 * @param solved (segments) share answered exactly after segment 1, 2, ...
 * @param cells share of cells equal to the solution after the last segment
 * @param halting share of puzzles on which the halting head agrees with the truth at the end
 * @param meanSegments segments until the halting head stops, the limit where it never does
 * @param solvedAtHalt share solved when the halting head stops
 */
public record Evaluation(
    int puzzles,
    double[] solved,
    double cells,
    double halting,
    double meanSegments,
    double solvedAtHalt) {
  private static final int BATCH = 64;

  /** Share solved after the last segment. */
  public double exact() {
    return solved[solved.length - 1];
  }

  /**
   * @throws IllegalArgumentException when model and puzzles do not fit each other
   */
  public static Evaluation of(Model model, Dataset puzzles, Backend backend, int segments) {
    EvaluationReport report =
        new Evaluator(
                model, puzzles, new Evaluator.Options(HaltingPolicy.MAX_STEPS, segments, BATCH))
            .run(backend, outcome -> {});
    EvaluationReport.AtHalt atHalt = report.halting().orElseThrow();
    return new Evaluation(
        report.puzzles(),
        report.bySegment().stream()
            .mapToDouble(EvaluationReport.AfterSegment::exactAccuracy)
            .toArray(),
        report.cellAccuracy(),
        report.haltingAccuracy(),
        atHalt.meanSegments(),
        atHalt.exactAccuracy());
  }
}
