package hrm.gateway;

import hrm.proto.HaltReason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A traced job in short, as far as its events have been read. The values are the last attempt's,
 * except {@code started}, {@code events} and {@code dropped}, which are of all attempts.
 *
 * @param model name of the model; empty while no planner has admitted the job
 * @param puzzle what the model solves, as "sudoku-6x6"; empty when it does not say, or as above
 * @param node address of the last planner's node; of the gateway's before there was one
 * @param segments done
 * @param reason HALTED_UNSET while it runs, and for a job that was given up without an answer
 * @param started time of the earliest event
 * @param ended when it halted; empty while it runs
 * @param duration from {@code started} until it halted, or until the latest event
 * @param events read, those beyond the index's cap included
 * @param dropped events that the nodes say they did not record
 * @param handovers planners beyond the first
 */
public record JobSummary(
    String id,
    State state,
    String model,
    String puzzle,
    String node,
    int attempt,
    int segments,
    boolean solved,
    HaltReason reason,
    Instant started,
    Optional<Instant> ended,
    Duration duration,
    long events,
    long dropped,
    int handovers) {

  /** Whether the last attempt goes on. */
  public enum State {
    RUNNING,
    HALTED
  }
}
