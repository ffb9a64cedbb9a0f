package hrm.actors;

import com.google.protobuf.ByteString;
import hrm.actors.Protocol.Thought;
import hrm.model.Heads;
import hrm.proto.Admitted;
import hrm.proto.Cycle;
import hrm.proto.HaltReason;
import hrm.proto.Halted;
import hrm.proto.Segment;
import hrm.proto.TraceEvent;
import java.util.Arrays;
import java.util.List;

/** What happens to a job, as trace events. */
final class JobEvents {
  /** Logits this far below the greatest add next to nothing to a softmax's sum. */
  private static final float NEGLIGIBLE = 10;

  /** e^-x for x up to there, so many steps each 1: exact enough for 255ths. */
  private static final int STEPS = 256;

  private static final float[] EXP = new float[(int) NEGLIGIBLE * STEPS + 1];

  static {
    for (int i = 0; i < EXP.length; i++) {
      EXP[i] = (float) Math.exp(-(double) i / STEPS);
    }
  }

  private JobEvents() {}

  static TraceEvent.Builder admitted(Slot slot, int lane, int row) {
    Task task = slot.task;
    return TraceEvent.newBuilder()
        .setAdmitted(
            Admitted.newBuilder()
                .setModel(task.model().name())
                .setLane(lane)
                .setSlot(row)
                .setPuzzle(task.puzzle())
                .setTraceparent(task.job().getTraceparent())
                .setResumedSegments(slot.steps)
                .setKind(task.model().puzzle().map(kind -> kind.name()).orElse("")));
  }

  /**
   * @param cycle of the slot's present segment, from 1
   * @param worker path of its actor
   * @param nanos of the planner's step
   */
  static TraceEvent.Builder cycle(
      Slot slot,
      int row,
      int cycle,
      String worker,
      Thought thought,
      float zHResidual,
      long nanos,
      Heads heads) {
    Cycle.Builder event =
        Cycle.newBuilder()
            .setSegment(slot.steps + 1)
            .setCycle(cycle)
            .setWorker(worker)
            .setZHResidual(zHResidual)
            .setWorkerNanos(thought.nanos())
            .setPlannerNanos(nanos)
            .setConfidence(confidence(heads, row));
    for (float[] tick : thought.residuals()) {
      event.addZLResiduals(tick[row]);
    }
    int[] board = heads.tokens(row);
    if (hasText(slot.task)) {
      event.setBoard(slot.task.text(board));
    } else {
      event.addAllTokens(boxed(board));
    }
    return TraceEvent.newBuilder().setCycle(event);
  }

  static TraceEvent.Builder segment(
      Slot slot, float qHalt, float qContinue, int[] board, boolean solved) {
    Segment.Builder event =
        Segment.newBuilder()
            .setSegment(slot.steps)
            .setQHalt(qHalt)
            .setQContinue(qContinue)
            .setSolved(solved);
    if (hasText(slot.task)) {
      event.setBoard(slot.task.text(board));
    } else {
      event.addAllTokens(boxed(board));
    }
    return TraceEvent.newBuilder().setSegment(event);
  }

  static TraceEvent.Builder halted(HaltReason reason, int segments, boolean solved) {
    return TraceEvent.newBuilder()
        .setHalted(Halted.newBuilder().setReason(reason).setSegments(segments).setSolved(solved));
  }

  private static boolean hasText(Task task) {
    return task.model().puzzle().isPresent();
  }

  private static List<Integer> boxed(int[] board) {
    return Arrays.stream(board).boxed().toList();
  }

  /** {@link Heads#confidence} in 255ths. */
  private static ByteString confidence(Heads heads, int row) {
    float[] logits = heads.logits();
    int vocab = heads.vocab();
    int cells = logits.length / vocab / heads.qHalt().length;
    byte[] confidence = new byte[cells];
    for (int cell = 0; cell < cells; cell++) {
      int from = (row * cells + cell) * vocab;
      float max = logits[from];
      for (int v = 1; v < vocab; v++) {
        max = Math.max(max, logits[from + v]);
      }
      float sum = 0;
      for (int v = 0; v < vocab; v++) {
        float below = max - logits[from + v];
        if (below < NEGLIGIBLE) {
          sum += EXP[(int) (below * STEPS + 0.5f)];
        }
      }
      confidence[cell] = (byte) Math.round(255 / sum);
    }
    return ByteString.copyFrom(confidence);
  }
}
