package hrm.actors;

import hrm.actors.Protocol.Faltered;
import hrm.model.DeviceMemoryException;
import hrm.model.Heads;
import hrm.model.Model;
import hrm.proto.HaltReason;
import hrm.proto.JobFailure;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;

/** What becomes of a lane's jobs after a segment: who halts, and with what answer. */
final class SegmentEnd {
  /** Failures on one cycle after which its jobs are given up. */
  static final int MAX_FALTERS = 3;

  private final Model model;
  private final Intake intake;
  private final Results results;
  private final InstantSource clock;
  private final SegmentProbe probe;
  private final Meters.PlannerMeter meter;
  private final PlannerMeasures measures;

  SegmentEnd(
      Model model,
      Intake intake,
      Results results,
      InstantSource clock,
      SegmentProbe probe,
      Meters.PlannerMeter meter,
      PlannerMeasures measures) {
    this.model = model;
    this.intake = intake;
    this.results = results;
    this.clock = clock;
    this.probe = probe;
    this.meter = meter;
    this.measures = measures;
  }

  /**
   * The lane has finished a segment. Those who halt are answered and leave at its next reseating.
   *
   * @param heads as read from its z_H
   */
  void of(Lane lane, Heads heads) {
    List<Slot> rows = lane.table.rows();
    rows.forEach(slot -> slot.steps++);
    meter.segments.add(rows.size());
    probe.segment(rows, lane.carry, heads);
    for (int row = 0; row < rows.size(); row++) {
      Slot slot = rows.get(row);
      if (lane.table.halted(row)) {
        continue; // answered while nobody thought about it
      }
      if (decide(slot, heads, row)) {
        lane.table.halt(row);
      } else {
        intake.reached(slot, lane.carry, row);
      }
    }
  }

  /** Whether the slot halts; if so, its job is answered. */
  private boolean decide(Slot slot, Heads heads, int row) {
    if (!intake.wanted(slot)) {
      return true; // nobody waits for the answer
    }
    Task task = slot.task;
    Instant now = clock.instant();
    float qHalt = heads.qHalt()[row];
    float qContinue = heads.qContinue()[row];
    int[] answer = heads.tokens(row);
    boolean solved = task.solvedBy(answer);
    if (slot.trace.on()) {
      slot.trace.record(() -> JobEvents.segment(slot, qHalt, qContinue, answer, solved));
    }
    HaltReason reason =
        Halting.after(
            task.policy(),
            slot.steps,
            task.maxSegments(),
            model.config().halts(qHalt, qContinue),
            solved,
            task.expired(now));
    if (reason == HaltReason.HALTED_UNSET) {
      return false;
    }
    measures.halted(slot.steps);
    intake.answer(slot, results.halted(slot, heads, row, answer, solved, reason, now));
    return true;
  }

  /**
   * No worker is at these lanes' cycles: those past their deadline are answered without.
   *
   * @return lanes that are left by all, and whose cycle need not be had any more
   */
  List<Lane> expire(List<Lane> lanes) {
    lanes.forEach(this::expire);
    return lanes.stream().filter(lane -> lane.table.occupied() == 0).toList();
  }

  private void expire(Lane lane) {
    Instant now = clock.instant();
    List<Slot> rows = lane.table.rows();
    for (int row = 0; row < rows.size(); row++) {
      Slot slot = rows.get(row);
      if (!lane.table.halted(row) && intake.wanted(slot) && slot.task.expired(now)) {
        intake.expired(slot);
        lane.table.halt(row);
      }
    }
  }

  /** The lane's cycle cannot be had; its jobs leave without an answer. */
  void giveUp(Lane lane, Faltered last) {
    giveUp(
        lane,
        "the low level failed %d times on one cycle, last with %s; look into the log of %s"
            .formatted(MAX_FALTERS, last.reason(), last.worker().path()));
  }

  /** There is no room for the lane; its jobs leave without an answer. */
  void giveUp(Lane lane, DeviceMemoryException full) {
    giveUp(
        lane,
        "the planner's device has no room for it beside %d others (%s); lower hrm.actors.slots-per-lane or hrm.actors.lanes"
            .formatted(lane.table.occupied() - 1, full.getMessage()));
  }

  private void giveUp(Lane lane, String why) {
    List<Slot> rows = lane.table.rows();
    for (int row = 0; row < rows.size(); row++) {
      Slot slot = rows.get(row);
      if (!lane.table.halted(row) && intake.wanted(slot)) {
        String text = "job \"%s\": %s".formatted(slot.admit.job().getId(), why);
        intake.fail(slot, new JobFailed(JobFailure.Cause.SOLVER_ERROR, text));
      }
      lane.table.halt(row);
    }
  }
}
