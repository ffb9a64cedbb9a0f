package hrm.actors;

import hrm.actors.Protocol.Thought;
import hrm.model.Carry;
import hrm.model.Heads;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What ends a cycle: a worker's z_L becomes the lane's, and the high-level module takes its step.
 */
final class CycleEnd {
  private final HighLevel high;
  private final int perSegment;
  private final Workers workers;
  private final Lanes lanes;
  private final LaneTrace trace;
  private final Meters.PlannerMeter meter;
  private final PlannerMeasures measures;

  /**
   * @param perSegment cycles of a segment
   */
  CycleEnd(
      HighLevel high,
      int perSegment,
      Workers workers,
      Lanes lanes,
      LaneTrace trace,
      Meters.PlannerMeter meter,
      PlannerMeasures measures) {
    this.high = high;
    this.perSegment = perSegment;
    this.workers = workers;
    this.lanes = lanes;
    this.trace = trace;
    this.meter = meter;
    this.measures = measures;
  }

  /** What the heads read when this cycle was the segment's last; empty otherwise. */
  Optional<Heads> of(Lane lane, Thought thought) {
    long begun = System.nanoTime();
    HiddenState zL = workers.accept(thought);
    return orDiscarded(zL, () -> step(lane, thought, zL, begun));
  }

  private Optional<Heads> step(Lane lane, Thought thought, HiddenState zL, long begun) {
    long accepted = System.nanoTime();
    HiddenState before = lane.carry.zH();
    HiddenState after = high.step(before, zL);
    long nanos = System.nanoTime() - accepted;
    measures.cycle(begun - lane.asked, thought, nanos);
    boolean last = lane.cycles + 1 == perSegment;
    Optional<Heads> heads =
        orDiscarded(
            after,
            () -> {
              if (lane.traced()) {
                Heads read = high.heads(after, List.of()); // and how far the step went
                float[] residuals = high.residuals(before, after);
                trace.thought(lane, thought, zL, residuals, begun, nanos, read);
                return Optional.of(read);
              }
              return last ? Optional.of(high.heads(after)) : Optional.empty();
            });
    lanes.replace(lane, new Carry(after, zL), lane.inputs);
    lane.cycles++;
    meter.steps.increment();
    meter.cycles.add(lane.table.rows().size());
    return heads.filter(read -> last);
  }

  /** What the work says; where it fails, nobody has the state any more. */
  private <T> T orDiscarded(HiddenState state, Supplier<T> work) {
    try {
      return work.get();
    } catch (RuntimeException e) {
      workers.discard(state);
      throw e;
    }
  }
}
