package hrm.cluster.bench;

import com.google.gson.JsonObject;
import hrm.cluster.chaos.Fleet;
import hrm.cluster.chaos.Fleet.Spec;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Folders;
import hrm.cluster.cli.Home;
import hrm.cluster.cli.Json;
import hrm.cluster.jobs.Puzzles;
import hrm.cluster.settings.Role;
import hrm.gateway.GatewaySettings;
import hrm.gateway.JobProducer;
import hrm.gateway.Outcome;
import hrm.gateway.ResultReader;
import hrm.gateway.Topics;
import hrm.gateway.TraceReader;
import hrm.proto.HaltingPolicy;
import hrm.proto.JobOptions;
import hrm.proto.PuzzleJob;
import hrm.proto.TraceChoice;
import hrm.proto.TraceEvent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hrm bench failover}: how long a thought stands still when its worker or planner dies. */
@Command(
    name = "failover",
    mixinStandardHelpOptions = true,
    description = {
      "Kill nodes under long jobs, and read from their traces how long each stood still: the longest",
      "time without a cycle of the job that began within some seconds of the kill. A lost worker's",
      "jobs go on where they were, a lost planner's begin anew. The worst job of each kill counts."
    },
    footer = {"", "Example: hrm bench failover --kills 20 --json"})
final class BenchFailoverCommand implements Callable<Integer> {
  private static final int JOBS = 12;
  private static final int SEGMENTS = 1024;
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration SETTLE = Duration.ofSeconds(4);
  private static final Duration WINDOW = Duration.ofSeconds(3);
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @Option(
      names = "--kills",
      defaultValue = "20",
      description = "Of each kind (default: ${DEFAULT-VALUE}).")
  int kills;

  @Option(names = "--keep", description = "Folder for the parts' logs and the broker's data.")
  Path keep;

  @Option(names = "--json", description = "One JSON object on stdout.")
  boolean json;

  /** The last that was heard of a job. */
  private record Seen(Instant at, String node) {}

  private final Map<String, Seen> last = new HashMap<>();
  private final Set<String> running = new HashSet<>();
  private final List<TraceEvent> fresh = new ArrayList<>();
  private int sent;

  @Override
  public Integer call() throws Exception {
    if (kills < 1) {
      throw CommandException.wrongInput("--kills must be above 0");
    }
    Set<Role> worker = Set.of(Role.WORKER);
    Set<Role> solver = Set.of(Role.PLANNER, Role.WORKER);
    double[] workers =
        measure(
            List.of(
                new Spec("planner", Set.of(Role.GATEWAY, Role.PLANNER), List.of()),
                new Spec("worker-1", worker, List.of()),
                new Spec("worker-2", worker, List.of()),
                new Spec("worker-3", worker, List.of())));
    double[] planners =
        measure(
            List.of(
                new Spec("gateway", Set.of(Role.GATEWAY), List.of()),
                new Spec("solver-1", solver, List.of()),
                new Spec("solver-2", solver, List.of()),
                new Spec("solver-3", solver, List.of())));
    print("worker", workers);
    print("planner", planners);
    return 0;
  }

  /** Seconds that the worst job stood still, for each kill. */
  private double[] measure(List<Spec> specs) throws Exception {
    Path folder =
        keep == null
            ? Files.createTempDirectory("hrm-failover-")
            : Files.createTempDirectory(Files.createDirectories(keep), "failover-");
    Path model = Home.get().models().resolve("sudoku-6x6");
    List<String> common =
        List.of(
            "hrm.model.path=" + model,
            "hrm.model.threads=1",
            "hrm.actors.slots-per-lane=4",
            "hrm.actors.prefetch=4",
            "hrm.actors.trace.max-events-per-job=1000000");
    double[] worst = new double[kills];
    last.clear();
    running.clear();
    try (Fleet fleet = new Fleet(Home.get(), folder, specs, common)) {
      fleet.startAll();
      ConfigOptions options = new ConfigOptions();
      options.bootstrap = fleet.bootstrap();
      GatewaySettings settings = GatewaySettings.from(options.load());
      Topics.ensure(settings);
      try (TraceReader traces = TraceReader.fromEnd(settings);
          ResultReader results = ResultReader.fromEnd(settings);
          JobProducer producer = new JobProducer(settings, "/hrm/bench")) {
        for (int kill = 0; kill < kills; kill++) {
          String victim = specs.get(1 + kill % (specs.size() - 1)).name();
          settle(traces, results, producer);
          boolean planner = fleet.roles(victim).contains(Role.PLANNER);
          worst[kill] = kill(fleet, victim, planner, traces, results, producer);
          System.err.printf("%s killed: %.2f s%n", victim, worst[kill]);
          fleet.start(victim);
          fleet.awaitReady(victim);
        }
      }
    } finally {
      if (keep == null) {
        Folders.delete(folder);
      }
    }
    return worst;
  }

  /** Until all jobs run and have done so for a while. */
  private void settle(TraceReader traces, ResultReader results, JobProducer producer) {
    Instant until = Instant.now().plus(SETTLE);
    Instant giveUp = Instant.now().plus(PATIENCE);
    while (Instant.now().isBefore(until) || last.size() < JOBS) {
      follow(traces, results, producer);
      if (Instant.now().isAfter(giveUp)) {
        throw CommandException.failed(
            "only %d of %d jobs were heard of in %d s"
                .formatted(last.size(), JOBS, PATIENCE.toSeconds()));
      }
    }
  }

  private double kill(
      Fleet fleet,
      String victim,
      boolean planner,
      TraceReader traces,
      ResultReader results,
      JobProducer producer) {
    String address = "@" + fleet.address(victim) + ":";
    Standstill standstill = new Standstill(Instant.now(), WINDOW); // the kill takes a while, too
    fleet.kill(victim);
    last.forEach(
        (job, seen) -> {
          if (!planner || seen.node().contains(address)) {
            standstill.follow(job);
          }
        });
    Instant giveUp = Instant.now().plus(PATIENCE);
    while (!standstill.followed().isEmpty()) {
      follow(traces, results, producer);
      for (TraceEvent event : fresh) {
        if (event.hasCycle() && !(planner && event.getNode().contains(address))) {
          standstill.cycle(event.getJobId(), at(event));
        }
      }
      standstill.retain(running);
      if (Instant.now().isAfter(giveUp)) {
        throw CommandException.failed("jobs do not go on: " + standstill.followed());
      }
    }
    return standstill.seconds();
  }

  /** Reads what is new, and keeps so many jobs running. */
  private void follow(TraceReader traces, ResultReader results, JobProducer producer) {
    fresh.clear();
    fresh.addAll(traces.poll(POLL));
    fresh.removeIf(TraceEvent::hasMessage); // what planners say of themselves remains
    for (TraceEvent event : fresh) {
      if (!running.contains(event.getJobId())) {
        continue;
      }
      last.put(event.getJobId(), new Seen(at(event), event.getNode()));
    }
    // Not by their traces: a killed node's last events are lost with it.
    for (Outcome outcome : results.poll(Duration.ZERO)) {
      running.remove(outcome.jobId());
      last.remove(outcome.jobId());
    }
    while (running.size() < JOBS) {
      String id = "failover-" + ++sent;
      running.add(id);
      producer.send(
          PuzzleJob.newBuilder()
              .setId(id)
              .setText(Puzzles.generated("sudoku-6x6", 1).get(0).text())
              .setOptions(
                  JobOptions.newBuilder()
                      .setHalting(HaltingPolicy.MAX_STEPS)
                      .setMaxSegments(SEGMENTS)
                      .setTrace(TraceChoice.TRACE_ON))
              .build());
    }
  }

  private static Instant at(TraceEvent event) {
    return Instant.ofEpochSecond(event.getAt().getSeconds(), event.getAt().getNanos());
  }

  private void print(String what, double[] seconds) {
    double[] sorted = seconds.clone();
    Arrays.sort(sorted);
    double median = sorted[sorted.length / 2];
    double worst = sorted[sorted.length - 1];
    if (json) {
      JsonObject line = new JsonObject();
      line.addProperty("lost", what);
      line.addProperty("kills", seconds.length);
      line.addProperty("median_seconds", Json.rounded(median, 2));
      line.addProperty("worst_seconds", Json.rounded(worst, 2));
      Json.print(line);
    } else {
      System.out.printf(
          "%-8s lost: median %.2f s, worst of %d %.2f s%n", what, median, seconds.length, worst);
    }
  }
}
