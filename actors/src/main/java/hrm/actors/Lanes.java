package hrm.actors;

import hrm.model.Carry;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A planner's lanes and who sits in them: between segments the halted leave a lane, the waiting
 * take their slots, and its states are rearranged.
 */
final class Lanes {
  private final HighLevel high;
  private final ActorsSettings settings;
  private final Intake intake;
  private final Workers workers;
  private final PlannerTrace trace;
  private final Meters.PlannerMeter meter;
  private final List<Lane> lanes = new ArrayList<>();
  private boolean full = false;

  Lanes(
      HighLevel high,
      ActorsSettings settings,
      Intake intake,
      Workers workers,
      PlannerTrace trace,
      Meters.PlannerMeter meter) {
    this.high = high;
    this.settings = settings;
    this.intake = intake;
    this.workers = workers;
    this.trace = trace;
    this.meter = meter;
    grow(settings.lanes());
  }

  Lane get(int index) {
    return lanes.get(index);
  }

  Stream<Lane> stream() {
    return lanes.stream();
  }

  boolean anyIdle() {
    return lanes.stream().anyMatch(Lane::idle);
  }

  boolean allIdle() {
    return lanes.stream().allMatch(Lane::idle);
  }

  /** Lanes whose cycle is with no worker in reach. */
  List<Lane> stranded() {
    return lanes.stream().filter(l -> l.cycle != 0 && !workers.awaited(l.cycle)).toList();
  }

  /** Nobody sits here any more; with so little room on the device there are to be no more lanes. */
  void abandon(Lane lane) {
    lane.cycle = 0; // an answer that still comes is late
    full = true;
    replace(lane, null, null);
  }

  /** Whether there are more now. */
  boolean grow(int wanted) {
    if (wanted <= lanes.size() || full) {
      return false;
    }
    while (wanted > lanes.size()) {
      lanes.add(new Lane(lanes.size(), settings.slotsPerLane()));
    }
    intake.places(settings.places(lanes.size()));
    return true;
  }

  /** The halted leave the lane and the waiting take their slots; it may be idle then. */
  void reseat(Lane lane) {
    List<Slot> newcomers = newcomers(lane);
    int before = lane.table.rows().size();
    meter.admitted.add(newcomers.size());
    meter.halted.add(before - lane.table.occupied());
    int[] from = lane.table.reseat(newcomers);
    boolean changed = !newcomers.isEmpty() || from.length < before;
    if (changed) {
      if (from.length == 0) {
        replace(lane, null, null);
      } else {
        seat(lane, from);
      }
    }
    for (int row = from.length - newcomers.size(); row < from.length; row++) {
      Slot slot = lane.table.rows().get(row);
      int at = row;
      slot.admit.resume().ifPresent(saved -> high.restore(lane.carry, at, saved.carry()));
      trace.seated(slot, lane.index, row);
    }
    lane.cycles = 0;
  }

  private void seat(Lane lane, int[] from) {
    Carry carry = high.seat(lane.carry, from);
    HiddenState inputs;
    try {
      inputs = embed(lane.table.rows());
    } catch (RuntimeException e) {
      carry.zH().close();
      carry.zL().close();
      throw e;
    }
    replace(lane, carry, inputs);
  }

  private List<Slot> newcomers(Lane lane) {
    int elsewhere = lanes.stream().filter(l -> l != lane).mapToInt(l -> l.table.occupied()).sum();
    return intake.next(lane.table.share(elsewhere, intake.waiting(), lanes.size()));
  }

  private HiddenState embed(List<Slot> rows) {
    return high.embed(
        rows.stream().map(slot -> slot.task.tokens()).toArray(int[][]::new),
        rows.stream().mapToInt(slot -> slot.task.job().getPuzzleIdentifier()).toArray());
  }

  /** The lane's states from now on; null for none. */
  void replace(Lane lane, Carry carry, HiddenState inputs) {
    if (carry != null) {
      workers.hold(carry.zH());
      workers.hold(carry.zL());
      workers.hold(inputs);
    }
    if (lane.carry != null) {
      workers.release(lane.carry.zH());
      workers.release(lane.carry.zL());
      workers.release(lane.inputs);
    }
    lane.carry = carry;
    lane.inputs = inputs;
  }

  /** How things stand now; told after every change. */
  void measure() {
    meter.lanes = lanes.size();
    meter.slotsUsed = lanes.stream().mapToInt(lane -> lane.table.occupied()).sum();
    meter.slotsTotal = lanes.size() * settings.slotsPerLane();
    meter.waiting = intake.waiting();
  }
}
