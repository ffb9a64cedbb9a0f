package hrm.gateway;

import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.util.concurrent.CompletionStage;

/** The whole seam between Kafka and whatever thinks: a job goes in, its answer comes out later. */
public interface Solver {
  /**
   * Starts one run of a job; never blocks.
   *
   * @param attempt 1 for the first run; more when earlier runs died. Copied into the result.
   * @return completes with the answer; fails with {@link JobRejected} when no run can ever answer
   *     this job, with {@link SolverBusy} when it was not begun for want of room, with {@link
   *     LostRun} when whatever had it died, with anything else when this run failed and another may
   *     succeed
   */
  CompletionStage<PuzzleResult> solve(PuzzleJob job, int attempt);

  /** How many jobs may be in flight here at once; may change while running, never blocks. */
  int capacity();
}
