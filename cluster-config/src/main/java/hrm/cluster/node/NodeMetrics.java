package hrm.cluster.node;

import hrm.actors.Distribution;
import hrm.actors.Measure;
import hrm.gateway.JobSource;
import hrm.model.Backend.DeviceMemory;
import hrm.proto.DispatcherReport;
import hrm.proto.GatewayReport;
import hrm.proto.NodeReport;
import hrm.proto.PlannerReport;
import hrm.proto.TraceReport;
import hrm.proto.WorkerReport;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A node's own figures as Prometheus has them: read from what is counted anyway, when somebody
 * asks. Labels are models, phases, states, partitions: never anything that a job brings along.
 */
final class NodeMetrics implements MultiCollector {
  private final Supplier<NodeReport> report;
  private final Supplier<Optional<DeviceMemory>> memory;
  private final Supplier<Map<Integer, JobSource.Progress>> progress;
  private final Consumer<BiConsumer<String, Map<Measure, Distribution>>> distributions;
  private final Supplier<Map<String, Integer>> members;
  private final Supplier<Map<String, Instant>> certificates;
  private final BooleanSupplier ready;

  /**
   * @param memory of a device with its own
   * @param progress of each partition that this node owns
   * @param distributions shows every model's measures to its argument
   * @param members how many there are of each status
   * @param certificates when each of those in use ends
   */
  NodeMetrics(
      Supplier<NodeReport> report,
      Supplier<Optional<DeviceMemory>> memory,
      Supplier<Map<Integer, JobSource.Progress>> progress,
      Consumer<BiConsumer<String, Map<Measure, Distribution>>> distributions,
      Supplier<Map<String, Integer>> members,
      Supplier<Map<String, Instant>> certificates,
      BooleanSupplier ready) {
    this.report = report;
    this.memory = memory;
    this.progress = progress;
    this.distributions = distributions;
    this.members = members;
    this.certificates = certificates;
    this.ready = ready;
  }

  @Override
  public MetricSnapshots collect() {
    Families all = new Families();
    NodeReport now = report.get();
    node(all, now);
    traces(all, now.getTrace());
    if (now.hasGateway()) {
      gateway(all, now.getGateway());
    }
    if (now.hasDispatcher()) {
      dispatcher(all, now.getDispatcher());
    }
    now.getPlannersList().forEach(planner -> planner(all, planner));
    now.getWorkersList().forEach(worker -> worker(all, worker));
    distributions.accept((model, measures) -> measures(all, model, measures));
    return all.snapshots();
  }

  private void node(Families all, NodeReport now) {
    all.gauge("hrm_ready", "Whether /ready says so.", ready.getAsBoolean() ? 1 : 0);
    all.info(
        "hrm_build",
        "This node's version and device.",
        "version",
        now.getVersion(),
        "device",
        now.getBackend());
    memory
        .get()
        .ifPresent(
            bytes -> {
              String text = "Memory of the device: what models here hold, and what is free of all.";
              all.gauge("hrm_device_memory_bytes", text, bytes.allocated(), "state", "allocated");
              all.gauge("hrm_device_memory_bytes", text, bytes.free(), "state", "free");
            });
    certificates
        .get()
        .forEach(
            (certificate, end) ->
                all.gauge(
                    "hrm_certificate_expiry_timestamp_seconds",
                    "When a certificate of hrm.tls ends; 0 for one that cannot be read.",
                    end.getEpochSecond(),
                    "certificate",
                    certificate));
    members
        .get()
        .forEach(
            (status, count) ->
                all.gauge(
                    "hrm_cluster_members",
                    "Members as this node sees them.",
                    count,
                    "status",
                    status));
  }

  private static void traces(Families all, TraceReport now) {
    String events = "Trace events: sent to their topic; kept from it by a limit; not taken there.";
    all.counter("hrm_trace_events", events, now.getRecorded(), "state", "recorded");
    all.counter("hrm_trace_events", events, now.getDropped(), "state", "dropped");
    all.counter("hrm_trace_events", events, now.getLost(), "state", "lost");
    String exports = "Traces that an OpenTelemetry collector took, and that none did.";
    all.counter("hrm_trace_exports", exports, now.getExported(), "state", "taken");
    all.counter("hrm_trace_exports", exports, now.getGivenUp(), "state", "given_up");
  }

  private void gateway(Families all, GatewayReport now) {
    all.counter("hrm_jobs_received", "Job records taken from the topic.", now.getReceived());
    all.counter("hrm_jobs_completed", "Answers committed.", now.getCompleted());
    all.counter("hrm_jobs_failed", "Runs that ended without an answer.", now.getFailed());
    all.counter("hrm_jobs_redelivered", "Runs that were not a job's first.", now.getRedelivered());
    all.counter("hrm_jobs_dead_lettered", "Dead letters committed.", now.getDeadLettered());
    all.gauge("hrm_jobs_in_flight", "Runs not complete.", now.getInFlight());
    all.gauge("hrm_jobs_waiting", "Jobs read but not started.", now.getWaiting());
    if (now.getJoined()) { // otherwise it is not known, which is not 0
      all.gauge(
          "hrm_jobs_unfinished",
          "Jobs of this node's partitions without an answer: in flight, waiting, not read.",
          now.getInFlight() + now.getWaiting() + now.getLag());
    }
    all.gauge("hrm_partitions", "Partitions of the jobs topic owned.", now.getPartitions());
    all.gauge(
        "hrm_partitions_unreadable",
        "Partitions of which no job is taken: what is committed is not this version's.",
        now.getUnreadablePartitions());
    all.counter(
        "hrm_transactions_committed", "Transactions committed.", now.getTransactionsCommitted());
    all.counter(
        "hrm_transactions_aborted",
        "Lives of the Kafka clients that ended with an error.",
        now.getTransactionsAborted());
    progress
        .get()
        .forEach(
            (partition, at) -> {
              String number = Integer.toString(partition);
              all.gauge(
                  "hrm_low_water_lag",
                  "Records from the low-water mark to the topic's end.",
                  at.lowWaterLag(),
                  "partition",
                  number);
              all.gauge(
                  "hrm_window_used",
                  "Offsets from the low-water mark to the last one read, 16000 at most.",
                  at.windowUsed(),
                  "partition",
                  number);
              all.gauge(
                  "hrm_offset_bitmap_bytes",
                  "Bookkeeping committed beside the offset, 4096 at most.",
                  at.bitmapBytes(),
                  "partition",
                  number);
            });
  }

  private static void dispatcher(Families all, DispatcherReport now) {
    for (DispatcherReport.Model each : now.getModelsList()) {
      String model = each.getModel();
      all.gauge(
          "hrm_dispatcher_planners", "Planners in reach.", each.getPlanners(), "model", model);
      all.gauge(
          "hrm_dispatcher_waiting", "Jobs without a planner.", each.getWaiting(), "model", model);
    }
    all.gauge("hrm_dispatcher_credit", "Jobs that all planners would hold.", now.getCredit());
    all.gauge("hrm_dispatcher_in_flight", "Jobs with planners.", now.getInFlight());
    all.counter("hrm_handovers", "Jobs taken from a lost planner.", now.getHandovers());
  }

  private static void planner(Families all, PlannerReport now) {
    String model = now.getModel();
    all.gauge("hrm_planners", "Planners.", now.getPlanners(), "model", model);
    all.gauge("hrm_lanes", "Batches thought in.", now.getLanes(), "model", model);
    String slots = "Places for jobs.";
    all.gauge("hrm_slots", slots, now.getSlotsUsed(), "model", model, "state", "used");
    int free = now.getSlotsTotal() - now.getSlotsUsed();
    all.gauge("hrm_slots", slots, free, "model", model, "state", "free");
    all.counter("hrm_segments", "Segments of jobs.", now.getSegments(), "model", model);
    all.counter("hrm_cycles", "Cycles of jobs.", now.getCycles(), "model", model);
  }

  private static void worker(Families all, WorkerReport now) {
    String model = now.getModel();
    all.gauge("hrm_workers", "Workers.", now.getWorkers(), "model", model);
    all.counter("hrm_ticks", "L ticks of lanes.", now.getTicks(), "model", model);
    all.counter("hrm_cycles_failed", "Cycles that failed.", now.getFailed(), "model", model);
    all.counter(
        "hrm_worker_busy_seconds",
        "Time that workers had their device.",
        now.getBusyNanos() / 1e9,
        "model",
        model);
  }

  private static void measures(Families all, String model, Map<Measure, Distribution> measures) {
    measures.forEach(
        (measure, distribution) -> {
          Distribution.Reading reading = distribution.read();
          switch (measure) {
            case JOB_SECONDS ->
                all.histogram(
                    "hrm_job_duration_seconds",
                    "From acceptance to answer.",
                    reading,
                    "model",
                    model);
            case JOB_TICKS ->
                all.histogram(
                    "hrm_job_ticks", "L ticks of answered jobs.", reading, "model", model);
            case H_TICK_SECONDS -> tick(all, model, "H", reading);
            case L_TICK_SECONDS -> tick(all, model, "L", reading);
            case WAIT_SECONDS ->
                all.histogram(
                    "hrm_mailbox_wait_seconds",
                    "A cycle's exchange without its arithmetic: mailboxes and wire.",
                    reading,
                    "model",
                    model);
            case RESIDUAL ->
                all.histogram(
                    "hrm_state_residual",
                    "Norm of z_L's change in the last tick of a cycle.",
                    reading,
                    "model",
                    model);
          }
        });
  }

  private static void tick(Families all, String model, String phase, Distribution.Reading reading) {
    all.histogram(
        "hrm_tick_duration_seconds",
        "One tick of a lane.",
        reading,
        "model",
        model,
        "phase",
        phase);
  }
}
