package hrm.cluster.bench;

import com.google.gson.Gson;
import com.sun.management.OperatingSystemMXBean;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Folders;
import hrm.cluster.cli.Home;
import hrm.cluster.cli.Json;
import hrm.cluster.jobs.Delivery;
import hrm.cluster.jobs.Puzzle;
import hrm.cluster.jobs.Puzzles;
import hrm.cluster.jobs.SubmitCommand;
import hrm.cluster.local.Child;
import hrm.cluster.local.Ports;
import hrm.cluster.local.Programs;
import hrm.cluster.settings.ModelSettings;
import hrm.gateway.GatewaySettings;
import hrm.gateway.Outcome;
import hrm.gateway.ResultReader;
import hrm.gateway.Topics;
import hrm.model.Model;
import hrm.proto.HaltingPolicy;
import hrm.proto.JobOptions;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hrm bench scaling}: what more solver nodes gain when each is a device of its own. */
@Command(
    name = "scaling",
    mixinStandardHelpOptions = true,
    description = {
      "Jobs per second through a broker, one gateway node and so many solver nodes on a SIMULATED",
      "device, which takes a fixed time per tick and computes nothing: the coordination alone.",
      "Every node is a process of its own; each run has a warm-up, and ramp-up and tail do not"
          + " count."
    },
    footer = {"", "Example: hrm bench scaling --nodes 1,2,4,8 --json"})
final class BenchScalingCommand implements Callable<Integer> {
  private static final Duration START = Duration.ofSeconds(180);
  private static final List<String> SMALL = List.of("-XX:TieredStopAtLevel=1", "-Xmx160m");

  @Option(
      names = "--nodes",
      split = ",",
      defaultValue = "1,2,4,8",
      description =
          "Solver nodes; the first is what the others are compared with (default: ${DEFAULT-VALUE}).")
  List<Integer> nodes;

  @Option(
      names = "--jobs",
      defaultValue = "400",
      description =
          "Jobs for each solver node of a run; a quarter of them is ramp-up (default: ${DEFAULT-VALUE}).")
  int jobs;

  @Option(
      names = "--segments",
      defaultValue = "8",
      description = "Segments of every job (default: ${DEFAULT-VALUE}).")
  int segments;

  @Option(
      names = "--slots",
      defaultValue = "16",
      description = "Slots of each of the two lanes (default: ${DEFAULT-VALUE}).")
  int slots;

  @Option(
      names = "--tick",
      defaultValue = "20",
      description = {
        "Milliseconds of a tick of the simulated device. All nodes share this machine's cores:",
        "choose it so long that 'machine busy' stays below 90%% with the most nodes."
      })
  int tick;

  @Option(names = "--json", description = "One JSON object on stdout.")
  boolean json;

  /**
   * One run.
   *
   * @param ratio_to_linear of the jobs per second to as many times those of the first run
   * @param share_of_device of the jobs per second to what the devices could do if never idle
   * @param machine_busy share of this machine's cores that anything ran on: near 1 they are the
   *     limit, not the coordination
   * @param least_node, most_node share of the jobs that the node with fewest and most of them had
   */
  private record Row(
      int nodes,
      int jobs,
      int duplicates,
      double jobs_per_second,
      double ratio_to_linear,
      double share_of_device,
      double machine_busy,
      double least_node,
      double most_node) {}

  private record Report(
      String backend, double tick_ms, int segments, int slots_per_lane, List<Row> rows) {}

  @Override
  public Integer call() throws Exception {
    if (nodes.stream().anyMatch(n -> n < 1) || !nodes.equals(nodes.stream().sorted().toList())) {
      throw CommandException.wrongInput(
          "--nodes %s: give numbers of 1 or more, the least first".formatted(nodes));
    }
    if (jobs < 1 || segments < 1 || slots < 1 || tick < 1) {
      throw CommandException.wrongInput("--jobs, --segments, --slots and --tick must be 1 or more");
    }
    Path temporary = Files.createTempDirectory("hrm-bench-");
    List<Child> children = new ArrayList<>();
    try {
      Report report =
          new Report(ModelSettings.SIMULATED, tick, segments, slots, measure(temporary, children));
      if (json) {
        System.out.println(new Gson().toJson(report));
      }
      return 0;
    } finally {
      children.forEach(Child::close);
      Folders.delete(temporary);
    }
  }

  private List<Row> measure(Path temporary, List<Child> children) throws Exception {
    Model model = TinyModel.get();
    Path folder = temporary.resolve(model.name());
    Model.save(folder, model.weights(), Map.of());
    Programs programs = new Programs(Home.get());
    int kafka = Ports.pair();
    ConfigOptions options = new ConfigOptions();
    options.bootstrap = "127.0.0.1:" + kafka;
    GatewaySettings settings = GatewaySettings.from(options.load());
    Child broker = start(children, "broker", programs.broker(temporary.resolve("kafka"), kafka));
    broker.awaitReady(START);
    Topics.ensure(settings);
    int port = Ports.pair();
    start(
            children,
            "gateway",
            programs.node(
                SMALL,
                settings(folder, "gateway", "akka.remote.artery.canonical.port=" + port, options)))
        .awaitReady(START);
    List<String> solver =
        programs.node(
            SMALL, settings(folder, "planner,worker", "hrm.node.seeds=127.0.0.1:" + port, options));
    System.err.printf(
        "SIMULATED device: %d ms a tick, %d segments a job, 2 lanes of %d slots%n",
        tick, segments, slots);
    System.err.println(
        "nodes    jobs/s   of linear   of the device   machine busy   least/most node");
    List<Row> rows = new ArrayList<>();
    for (int count : nodes) {
      List<Child> added = new ArrayList<>();
      while (children.size() + added.size() - 2 < count) {
        added.add(Child.start("solver", solver));
      }
      children.addAll(added);
      for (Child child : added) {
        child.awaitReady(START);
      }
      Row first = rows.isEmpty() ? null : rows.get(0);
      run(settings, model, count, jobs / 3 + 1, first, children); // new processes compile first
      Row row = run(settings, model, count, jobs, first, children);
      rows.add(row);
      System.err.printf(
          "%5d  %8.1f  %9.1f%%  %13.1f%%  %12.0f%%   %.1f%% / %.1f%%%n",
          count,
          row.jobs_per_second(),
          100 * row.ratio_to_linear(),
          100 * row.share_of_device(),
          100 * row.machine_busy(),
          100 * row.least_node(),
          100 * row.most_node());
    }
    return rows;
  }

  private static Child start(List<Child> children, String name, List<String> command)
      throws Exception {
    Child child = Child.start(name, command);
    children.add(child);
    return child;
  }

  private List<String> settings(Path folder, String roles, String more, ConfigOptions options) {
    return List.of(
        "hrm.kafka.bootstrap=" + options.bootstrap,
        "hrm.model.path=" + folder,
        "hrm.model.backend=" + ModelSettings.SIMULATED,
        "hrm.model.simulated-tick=" + tick + "ms",
        "hrm.node.roles=" + roles,
        "hrm.actors.slots-per-lane=" + slots,
        "hrm.actors.prefetch=" + slots, // as many as may finish at once
        "hrm.actors.trace.sample=0",
        more);
  }

  /**
   * @param jobs for each node
   * @param first what it is compared with; null: itself
   */
  private Row run(
      GatewaySettings settings, Model model, int count, int jobs, Row first, List<Child> children)
      throws Exception {
    Delivery delivery = new Delivery(Delivery.newRun("bench"));
    List<PuzzleJob> sent = new ArrayList<>();
    for (Puzzle puzzle : Puzzles.generated("sudoku-4x4", count * jobs)) {
      sent.add(
          delivery
              .job(puzzle)
              .setModel(model.name())
              .setOptions(
                  JobOptions.newBuilder()
                      .setMaxSegments(segments)
                      .setHalting(HaltingPolicy.MAX_STEPS))
              .build());
    }
    Finishes finishes = new Finishes();
    OperatingSystemMXBean machine =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    machine.getCpuLoad(); // the next call tells the load since this one
    try (ResultReader reader = ResultReader.fromEnd(settings)) {
      SubmitCommand.send(settings, sent);
      while (!delivery.complete()) {
        for (Outcome outcome : reader.poll(Duration.ofMillis(50))) {
          if (outcome instanceof Outcome.Answered answered) {
            take(answered.result(), delivery, finishes);
          } else if (outcome instanceof Outcome.Failed failed) {
            throw CommandException.failed("a job failed: " + failed.failure().getMessage());
          }
        }
        children.forEach(Child::check);
      }
    }
    double busy = machine.getCpuLoad();
    double rate = finishes.perSecond(sent.size() / 4, 4 * slots * count);
    double cycles = model.config().hCycles() * model.config().lCycles();
    double device = count * slots / (cycles * segments * tick / 1e3);
    return new Row(
        count,
        sent.size(),
        delivery.duplicates(),
        Json.rounded(rate, 1),
        Json.rounded(
            first == null ? 1 : rate / count / (first.jobs_per_second() / first.nodes()), 4),
        Json.rounded(rate / device, 4),
        Json.rounded(busy, 3),
        Json.rounded(finishes.leastShare(), 4),
        Json.rounded(finishes.mostShare(), 4));
  }

  private static void take(PuzzleResult result, Delivery delivery, Finishes finishes) {
    if (delivery.answered(result)) {
      finishes.add(result);
    }
  }
}
