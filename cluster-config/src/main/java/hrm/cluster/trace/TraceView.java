package hrm.cluster.trace;

import hrm.gateway.JobSummary;
import hrm.proto.Admitted;
import hrm.proto.TraceEvent;
import java.util.List;
import java.util.Optional;

/**
 * How one attempt at a job was thought, rebuilt from its events.
 *
 * @param attempts that there are, ascending
 * @param truncated whether there are, or were, events beyond those it is built from
 * @param runs of the attempt; all but the latest were given back by their gateway
 * @param run of the attempt that this is, 0 when its events name none
 * @param traceparent as the job came with it; empty for none
 * @param gaps ranges of sequence numbers that are missing
 * @param events in logical order, each once
 * @param places in that order
 */
public record TraceView(
    JobSummary job,
    List<Integer> attempts,
    int attempt,
    int runs,
    long run,
    String traceparent,
    boolean truncated,
    List<Gap> gaps,
    BoardView board,
    List<TraceEvent> events,
    List<CycleView> cycles,
    List<MessageView> messages,
    Places places,
    Convergence convergence) {
  /**
   * @param events of the job, of any attempts, in any order, some perhaps twice
   * @param wanted attempt; 0 for the last
   * @param truncated whether the events are not all that there are
   */
  public static TraceView of(
      JobSummary job, List<TraceEvent> events, int wanted, boolean truncated) {
    return of(job, events, wanted, 0, truncated);
  }

  /**
   * @param run of the attempt; 0 for the latest
   */
  static TraceView of(
      JobSummary job, List<TraceEvent> events, int wanted, long run, boolean truncated) {
    Attempt attempt = Attempt.of(events, wanted, run);
    Optional<Admitted> admitted = attempt.admitted();
    List<Gap> gaps = Gaps.of(attempt);
    BoardView board = BoardView.of(admitted.map(Admitted::getPuzzle).orElse(""), job.puzzle());
    List<CycleView> cycles = CycleView.of(attempt, board);
    List<MessageView> messages = Messages.of(attempt, gaps);
    return new TraceView(
        job,
        attempt.all(),
        attempt.number(),
        attempt.runs(),
        attempt.run(),
        admitted.map(Admitted::getTraceparent).orElse(""),
        truncated,
        gaps,
        board,
        attempt.events(),
        cycles,
        messages,
        new Places(attempt, gaps),
        Convergence.of(cycles, CycleView.line(cycles, attempt), messages, board));
  }

  public int hCycles() {
    return cycles.stream().mapToInt(c -> c.cycle().getCycle()).max().orElse(0);
  }

  public int lCycles() {
    return cycles.stream().mapToInt(c -> c.cycle().getZLResidualsCount()).max().orElse(0);
  }

  public boolean halted() {
    return events.stream().anyMatch(TraceEvent::hasHalted);
  }
}
