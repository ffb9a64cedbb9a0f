package hrm.actors;

import hrm.proto.DispatcherReport;
import hrm.proto.NodeReport;
import hrm.proto.PlannerReport;
import hrm.proto.TraceReport;
import hrm.proto.WorkerReport;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BiConsumer;

/**
 * What a node's actors have counted since its start, and how things stand with them now; actors
 * write, any thread reads. Counting allocates nothing and waits for nobody.
 */
public final class Meters {
  /** The planners of one model: several only while one takes another's place. */
  static final class PlannerMeter {
    final AtomicInteger planners = new AtomicInteger();
    final LongAdder admitted = new LongAdder();
    final LongAdder halted = new LongAdder();
    final LongAdder segments = new LongAdder();
    final LongAdder cycles = new LongAdder();
    final LongAdder steps = new LongAdder();
    volatile int lanes;
    volatile int slotsUsed;
    volatile int slotsTotal;
    volatile int waiting;

    /** The planner is gone, and what it held with it. */
    void stopped() {
      planners.decrementAndGet();
      lanes = 0;
      slotsUsed = 0;
      slotsTotal = 0;
      waiting = 0;
    }
  }

  /** The workers of one model. */
  static final class WorkerMeter {
    final AtomicInteger workers = new AtomicInteger();
    final LongAdder ticks = new LongAdder();
    final LongAdder cycles = new LongAdder();
    final LongAdder failed = new LongAdder();
    final LongAdder busyNanos = new LongAdder();
  }

  /** The dispatcher of a gateway. */
  static final class DispatcherMeter {
    final LongAdder submitted = new LongAdder();
    final LongAdder finished = new LongAdder();
    final LongAdder handovers = new LongAdder();
    volatile int inFlight;
    volatile int waiting;
    volatile int credit;
    volatile int planners;
    volatile List<DispatcherReport.Model> models = List.of();
  }

  /** What the node's actors recorded of traced jobs. */
  static final class TraceMeter {
    final LongAdder recorded = new LongAdder();
    final LongAdder dropped = new LongAdder();
  }

  final TraceMeter trace = new TraceMeter();
  private final Map<String, PlannerMeter> planners = new ConcurrentSkipListMap<>();
  private final Map<String, WorkerMeter> workers = new ConcurrentSkipListMap<>();
  private final Map<String, Map<Measure, Distribution>> distributions =
      new ConcurrentSkipListMap<>();
  private volatile DispatcherMeter dispatcher; // null on nodes without one

  /** Where a model's values of one measure are added. */
  Distribution distribution(Measure measure, String model) {
    return distributions.computeIfAbsent(model, name -> all()).get(measure);
  }

  private static Map<Measure, Distribution> all() {
    Map<Measure, Distribution> all = new EnumMap<>(Measure.class);
    for (Measure measure : Measure.values()) {
      all.put(measure, measure.distribution());
    }
    return all;
  }

  /** Every model that anything was measured of, by name. */
  public void distributions(BiConsumer<String, Map<Measure, Distribution>> each) {
    distributions.forEach(each);
  }

  PlannerMeter planner(String model) {
    return planners.computeIfAbsent(model, name -> new PlannerMeter());
  }

  WorkerMeter worker(String model) {
    return workers.computeIfAbsent(model, name -> new WorkerMeter());
  }

  DispatcherMeter dispatcher() {
    if (dispatcher == null) {
      dispatcher = new DispatcherMeter();
    }
    return dispatcher;
  }

  /** Adds the actors' part to a node's report. */
  public void fill(NodeReport.Builder report) {
    planners.forEach((model, meter) -> report.addPlanners(report(model, meter)));
    workers.forEach((model, meter) -> report.addWorkers(report(model, meter)));
    if (dispatcher != null) {
      report.setDispatcher(report(dispatcher));
    }
    report.setTrace(
        TraceReport.newBuilder().setRecorded(trace.recorded.sum()).setDropped(trace.dropped.sum()));
  }

  private static PlannerReport report(String model, PlannerMeter meter) {
    return PlannerReport.newBuilder()
        .setModel(model)
        .setPlanners(meter.planners.get())
        .setLanes(meter.lanes)
        .setSlotsUsed(meter.slotsUsed)
        .setSlotsTotal(meter.slotsTotal)
        .setWaiting(meter.waiting)
        .setAdmitted(meter.admitted.sum())
        .setHalted(meter.halted.sum())
        .setSegments(meter.segments.sum())
        .setCycles(meter.cycles.sum())
        .setSteps(meter.steps.sum())
        .build();
  }

  private static WorkerReport report(String model, WorkerMeter meter) {
    return WorkerReport.newBuilder()
        .setModel(model)
        .setWorkers(meter.workers.get())
        .setTicks(meter.ticks.sum())
        .setCycles(meter.cycles.sum())
        .setFailed(meter.failed.sum())
        .setBusyNanos(meter.busyNanos.sum())
        .build();
  }

  private static DispatcherReport report(DispatcherMeter meter) {
    return DispatcherReport.newBuilder()
        .setInFlight(meter.inFlight)
        .setWaiting(meter.waiting)
        .setCredit(meter.credit)
        .setPlanners(meter.planners)
        .setSubmitted(meter.submitted.sum())
        .setFinished(meter.finished.sum())
        .setHandovers(meter.handovers.sum())
        .addAllModels(meter.models)
        .build();
  }
}
