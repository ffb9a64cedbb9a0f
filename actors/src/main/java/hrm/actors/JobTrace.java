package hrm.actors;

import hrm.actors.Protocol.Thought;
import hrm.proto.Admitted;
import hrm.proto.Cycle;
import hrm.proto.HaltReason;
import hrm.proto.Halted;
import hrm.proto.Segment;
import hrm.proto.TraceEvent;
import java.util.Arrays;

/** The trace of one attempt: numbers its events and ends at the cap, but for how it halted. */
final class JobTrace {
  private final Tracing tracing;
  private final String jobId;
  private final int attempt;
  private final boolean on;
  private int sequence;

  JobTrace(Tracing tracing, String jobId, int attempt, boolean on) {
    this.tracing = tracing;
    this.jobId = jobId;
    this.attempt = attempt;
    this.on = on;
  }

  boolean on() {
    return on;
  }

  void admitted(Task task, int lane, int slot) {
    if (on) {
      record(
          TraceEvent.newBuilder()
              .setAdmitted(
                  Admitted.newBuilder()
                      .setModel(task.model().name())
                      .setLane(lane)
                      .setSlot(slot)
                      .setPuzzle(task.puzzle())));
    }
  }

  void cycle(int segment, int cycle, Thought thought, int row, float zHResidual, long nanos) {
    if (!on) {
      return;
    }
    Cycle.Builder event =
        Cycle.newBuilder()
            .setSegment(segment)
            .setCycle(cycle)
            .setWorker(thought.worker().path().toString())
            .setZHResidual(zHResidual)
            .setWorkerNanos(thought.nanos())
            .setPlannerNanos(nanos);
    for (float[] tick : thought.residuals()) {
      event.addZLResiduals(tick[row]);
    }
    record(TraceEvent.newBuilder().setCycle(event));
  }

  void segment(Task task, int segment, float qHalt, float qContinue, int[] board, boolean solved) {
    if (!on) {
      return;
    }
    Segment.Builder event =
        Segment.newBuilder()
            .setSegment(segment)
            .setQHalt(qHalt)
            .setQContinue(qContinue)
            .setSolved(solved);
    if (task.model().puzzle().isPresent()) {
      event.setBoard(task.text(board));
    } else {
      event.addAllTokens(Arrays.stream(board).boxed().toList());
    }
    record(TraceEvent.newBuilder().setSegment(event));
  }

  void halted(HaltReason reason, int segments, boolean solved) {
    if (on) {
      send(
          TraceEvent.newBuilder()
              .setHalted(
                  Halted.newBuilder().setReason(reason).setSegments(segments).setSolved(solved)));
    }
  }

  /** The last place under the cap is kept for {@link #halted}. */
  private void record(TraceEvent.Builder event) {
    if (sequence < tracing.maxEventsPerJob - 1) {
      send(event);
    } else {
      tracing.drop();
    }
  }

  private void send(TraceEvent.Builder event) {
    tracing.record(
        event
            .setJobId(jobId)
            .setAttempt(attempt)
            .setSequence(sequence++)
            .setAt(Results.timestamp(tracing.clock.instant()))
            .setNode(tracing.node)
            .build());
  }
}
