package hrm.cluster.bench;

import com.google.protobuf.Timestamp;
import hrm.actors.WireCost;
import hrm.cluster.cli.Home;
import hrm.cluster.jobs.Puzzles;
import hrm.cluster.local.Child;
import hrm.cluster.local.Programs;
import hrm.cluster.node.LocalActors;
import hrm.cluster.settings.Role;
import hrm.model.Backend;
import hrm.model.Model;
import hrm.proto.HaltingPolicy;
import hrm.proto.JobOptions;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import hrm.proto.TraceChoice;
import hrm.proto.TraceEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * One lane of a planner and its worker, in one process or in two, and what a cycle takes there. A
 * job's own trace says when each of its cycles ended.
 */
final class Placement implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(180);

  /**
   * One run.
   *
   * @param count as many cycles with all rows as all the rows' cycles make
   * @param ms of a cycle with all rows
   * @param wire of both processes, over the run; nothing when there is one
   */
  record Cycles(int count, double ms, WireCost wire) {}

  final String name;
  private final int batch;
  private final Model model;
  private final LocalActors here;
  private final Child worker; // null: colocated
  private final Queue<TraceEvent> events = new ConcurrentLinkedQueue<>();
  private int runs = 0;

  private Placement(
      String name, int batch, Model model, Backend backend, String dtype, List<String> device)
      throws Exception {
    this.name = name;
    this.batch = batch;
    this.model = model;
    Map<String, Object> settings = new HashMap<>();
    settings.put("hrm.actors.lanes", 1);
    settings.put("hrm.actors.max-lanes", 1);
    settings.put("hrm.actors.slots-per-lane", batch);
    settings.put("hrm.actors.prefetch", 0);
    settings.put("hrm.actors.wire-dtype", dtype);
    settings.put("hrm.actors.trace.max-events-per-job", 1_000_000);
    Set<Role> roles =
        device == null ? EnumSet.allOf(Role.class) : EnumSet.of(Role.GATEWAY, Role.PLANNER);
    here = new LocalActors(roles, List.of(), settings, model, backend, events::add);
    worker = device == null ? null : worker(device, dtype);
    here.awaitCapacity(batch);
  }

  static Placement colocated(int batch, Model model, Backend backend) throws Exception {
    return new Placement("colocated", batch, model, backend, "float32", null);
  }

  /**
   * @param device settings of the worker's backend, {@code key=value} each
   */
  static Placement split(int batch, Model model, Backend backend, String dtype, List<String> device)
      throws Exception {
    return new Placement("split " + dtype, batch, model, backend, dtype, device);
  }

  private Child worker(List<String> device, String dtype) throws Exception {
    List<String> settings = new ArrayList<>(device);
    settings.add("hrm.actors.wire-dtype=" + dtype);
    Child child =
        Child.start(
            "worker",
            new Programs(Home.get())
                .main(
                    List.of(),
                    settings,
                    List.of("bench", "distance-worker", "--seed", here.address())));
    child.awaitReady(START);
    return child;
  }

  /** Has a whole lane of jobs solved; cycles in which not all rows are taken do not count. */
  Cycles run(int segments) throws Exception {
    events.clear();
    WireCost before = wire();
    List<CompletableFuture<PuzzleResult>> answers = new ArrayList<>();
    String text = Puzzles.generated(model.config().puzzle(), 1).get(0).text();
    runs++;
    for (int i = 1; i <= batch; i++) {
      PuzzleJob job =
          PuzzleJob.newBuilder()
              .setId("run-" + runs + "-" + i)
              .setText(text)
              .setOptions(
                  JobOptions.newBuilder()
                      .setHalting(HaltingPolicy.MAX_STEPS)
                      .setMaxSegments(segments)
                      // the last one sees the others come and go
                      .setTrace(i == batch ? TraceChoice.TRACE_ON : TraceChoice.TRACE_OFF))
              .build();
      answers.add(here.door().solve(job, 1).toCompletableFuture());
    }
    for (CompletableFuture<PuzzleResult> answer : answers) {
      while (!answer.isDone()) {
        if (worker != null) {
          worker.check();
        }
        Thread.sleep(1);
      }
      answer.get();
    }
    WireCost wire = wire().minus(before);
    List<Double> ends =
        events.stream().filter(TraceEvent::hasCycle).map(e -> seconds(e.getAt())).toList();
    int edge = segments > 2 ? model.config().hCycles() : 0;
    int first = edge;
    int last = ends.size() - 1 - edge;
    return new Cycles(
        segments * model.config().hCycles(),
        1e3 * (ends.get(last) - ends.get(first)) / (last - first),
        wire);
  }

  private WireCost wire() throws Exception {
    return worker == null
        ? new WireCost(0, 0, 0, 0, 0, 0, 0)
        : WireCost.now().plus(CostReporter.ask(here.system()));
  }

  private static double seconds(Timestamp at) {
    return at.getSeconds() + at.getNanos() / 1e9;
  }

  @Override
  public void close() {
    here.close();
    if (worker != null) {
      worker.close();
    }
  }
}
