package hrm.gateway;

import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;

/**
 * A solver that a test plays.
 *
 * @param run of a job in an attempt
 */
record PlayedSolver(int capacity, BiFunction<PuzzleJob, Integer, CompletionStage<PuzzleResult>> run)
    implements Solver {
  @Override
  public CompletionStage<PuzzleResult> solve(PuzzleJob job, int attempt) {
    return run.apply(job, attempt);
  }
}
