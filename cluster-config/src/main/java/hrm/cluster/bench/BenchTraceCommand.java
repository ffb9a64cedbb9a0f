package hrm.cluster.bench;

import com.google.gson.Gson;
import com.sun.management.OperatingSystemMXBean;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.Folders;
import hrm.cluster.cli.Home;
import hrm.cluster.cli.Json;
import hrm.cluster.cli.ModelArgument;
import hrm.cluster.jobs.Puzzle;
import hrm.cluster.jobs.Puzzles;
import hrm.cluster.local.Child;
import hrm.cluster.local.LocalCluster;
import hrm.cluster.local.Ports;
import hrm.cluster.local.Programs;
import hrm.cluster.node.LocalActors;
import hrm.cluster.settings.Role;
import hrm.gateway.GatewaySettings;
import hrm.gateway.Topics;
import hrm.gateway.TraceSink;
import hrm.model.Backend;
import hrm.model.Backends;
import hrm.model.Model;
import hrm.model.bench.EngineBench;
import hrm.proto.HaltingPolicy;
import hrm.proto.JobOptions;
import hrm.proto.NodeReport;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import hrm.proto.TraceChoice;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hrm bench trace}: what it costs to trace one job in a hundred, and every job. */
@Command(
    name = "trace",
    mixinStandardHelpOptions = true,
    description = {
      "Puzzles per second through dispatcher, planner and worker of one process with tracing off, of",
      "1%% of the jobs, of every job, and off once more, in turn; events go to a broker beside it,",
      "and no gateway is there to read them for its page.",
      "The ratio of each to both of its round's offs, by the clock and by this process's CPU time:",
      "median and quartiles. Second off to first shows the noise; CPU time has less of other programs'."
    },
    footer = {"", "Example: hrm bench trace --batch 8 --json"})
final class BenchTraceCommand implements Callable<Integer> {
  private static final int COMPILING_JOBS = 4_000;
  private static final Duration START = Duration.ofSeconds(120);
  private static final OperatingSystemMXBean CPU =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  @Option(
      names = {"--model", "--weights"},
      paramLabel = "W",
      description =
          "The model: " + ModelArgument.FORMS + " (default: one of full size with random weights).")
  String weights;

  @Option(
      names = "--batch",
      defaultValue = "8",
      description = "Slots per lane (default: ${DEFAULT-VALUE}).")
  int batch;

  @Option(
      names = "--segments",
      defaultValue = "4",
      description = "Segments of every job (default: ${DEFAULT-VALUE}).")
  int segments;

  @Option(
      names = "--jobs",
      defaultValue = "24",
      description = "Jobs of each kind a round (default: ${DEFAULT-VALUE}).")
  int jobs;

  @Option(
      names = "--rounds",
      defaultValue = "15",
      description = "Rounds timed after the warm-up (default: ${DEFAULT-VALUE}).")
  int rounds;

  @Option(
      names = "--warm-up",
      defaultValue = "3",
      description = "Rounds before those that are timed (default: ${DEFAULT-VALUE}).")
  int warmUp;

  @Option(names = "--json", description = "One JSON object on stdout.")
  boolean json;

  /** Which jobs of a round are traced. */
  private enum Kind {
    OFF("off", TraceChoice.TRACE_OFF),
    SAMPLED("1%", TraceChoice.TRACE_UNSET),
    ALL("all", TraceChoice.TRACE_ON),
    OFF_AGAIN("off again", TraceChoice.TRACE_OFF);

    final String name;
    final TraceChoice choice;

    Kind(String name, TraceChoice choice) {
      this.name = name;
      this.choice = choice;
    }
  }

  /** Of one kind's jobs in one round. */
  private record Cost(double seconds, double cpuSeconds) {}

  private record Row(
      String traced,
      double puzzles_per_second,
      Ratio ratio,
      Ratio cpu_ratio,
      double events_per_job) {}

  private record Report(
      String model, int batch, int segments, int rounds, long dropped, List<Row> rows) {}

  @Override
  public Integer call() throws Exception {
    for (int value : new int[] {batch, segments, jobs, rounds, warmUp}) {
      if (value < 1) {
        throw CommandException.wrongInput(
            "--batch, --segments, --jobs, --rounds and --warm-up must be 1 or more");
      }
    }
    Model model =
        weights == null
            ? EngineBench.fullSize()
            : Model.load(ModelArgument.path("--model", weights));
    Path temporary = Files.createTempDirectory("hrm-bench-");
    try {
      Report report = measure(model, temporary);
      for (Row row : report.rows()) {
        System.err.printf(
            "traced %-9s %9.2f puzzles/s  ratio %s  by CPU time %s  %.1f events a job%n",
            row.traced(),
            row.puzzles_per_second(),
            row.ratio(),
            row.cpu_ratio(),
            row.events_per_job());
      }
      System.err.printf("%d events were dropped%n", report.dropped());
      if (json) {
        System.out.println(new Gson().toJson(report));
      }
      return 0;
    } finally {
      Folders.delete(temporary);
    }
  }

  private Report measure(Model model, Path temporary) throws Exception {
    int port = Ports.pair();
    Programs programs = new Programs(Home.get());
    try (Child broker = Child.start("broker", programs.broker(temporary.resolve("kafka"), port))) {
      broker.awaitReady(START);
      GatewaySettings gateway = LocalCluster.settings("127.0.0.1:" + port);
      Topics.ensure(gateway);
      try (TraceSink sink = new TraceSink(gateway, "bench")) {
        compile(sink);
        try (LocalActors actors = actors(model, sink)) {
          return rounds(model, actors);
        }
      }
    }
  }

  private LocalActors actors(Model model, TraceSink sink) throws Exception {
    Map<String, Object> settings =
        Map.of(
            "hrm.actors.slots-per-lane",
            batch,
            "hrm.actors.prefetch",
            batch,
            "hrm.actors.trace.sample",
            0.01,
            "hrm.actors.trace.max-events-per-second",
            10_000_000);
    Backend backend = Backends.named("nd4j", 0);
    LocalActors actors =
        new LocalActors(
            EnumSet.allOf(Role.class), List.of(), settings, model, backend, sink::offer);
    actors.awaitCapacity(3 * batch);
    return actors;
  }

  /**
   * Traces many jobs of a tiny model, so that the Java machine has compiled what traces: it takes
   * more events than a slow model has in a few rounds, and would be counted as their cost.
   */
  private void compile(TraceSink sink) throws Exception {
    Model tiny = TinyModel.get();
    try (LocalActors actors = actors(tiny, sink)) {
      for (int run = 0; run < COMPILING_JOBS / jobs; run++) {
        run(tiny, actors, Kind.ALL, run);
      }
    }
  }

  private Report rounds(Model model, LocalActors actors) throws Exception {
    Kind[] kinds = Kind.values();
    Cost[][] costs = new Cost[kinds.length][rounds];
    long[] events = new long[kinds.length];
    for (int round = -warmUp; round < rounds; round++) {
      StringBuilder line = new StringBuilder(round < 0 ? "warm-up" : "round " + (round + 1));
      for (Kind kind : kinds) {
        long before = report(actors).getTrace().getRecorded();
        Cost cost = run(model, actors, kind, round);
        line.append(
            "  %s %.2f (%.1f ms CPU each)"
                .formatted(kind.name, jobs / cost.seconds(), 1e3 * cost.cpuSeconds() / jobs));
        if (round >= 0) {
          costs[kind.ordinal()][round] = cost;
          events[kind.ordinal()] += report(actors).getTrace().getRecorded() - before;
        }
      }
      System.err.println(line.append(" puzzles/s"));
    }
    List<Row> rows = new ArrayList<>();
    for (Kind kind : kinds) {
      Cost[] own = costs[kind.ordinal()];
      double[] seconds = Ratio.sorted(Arrays.stream(own).mapToDouble(Cost::seconds).toArray());
      rows.add(
          new Row(
              kind.name,
              Json.rounded(jobs / seconds[rounds / 2], 3),
              Ratio.of(ratios(costs, kind, Cost::seconds)),
              Ratio.of(ratios(costs, kind, Cost::cpuSeconds)),
              Json.rounded((double) events[kind.ordinal()] / rounds / jobs, 2)));
    }
    long dropped = report(actors).getTrace().getDropped();
    return new Report(model.name(), batch, segments, rounds, dropped, rows);
  }

  /**
   * Against the first off and the last, between which the others stand; those against the first.
   */
  private double[] ratios(Cost[][] costs, Kind kind, ToDoubleFunction<Cost> of) {
    double[] ratios = new double[rounds];
    for (int round = 0; round < rounds; round++) {
      double first = of.applyAsDouble(costs[Kind.OFF.ordinal()][round]);
      double last = of.applyAsDouble(costs[Kind.OFF_AGAIN.ordinal()][round]);
      boolean off = kind.choice == TraceChoice.TRACE_OFF;
      double base = off ? first : (first + last) / 2;
      ratios[round] = base / of.applyAsDouble(costs[kind.ordinal()][round]);
    }
    return ratios;
  }

  private static NodeReport report(LocalActors actors) {
    NodeReport.Builder report = NodeReport.newBuilder();
    actors.meters().fill(report);
    return report.build();
  }

  /** From the first job to the last answer, with as many at once as the planner holds. */
  private Cost run(Model model, LocalActors actors, Kind kind, int round) throws Exception {
    String set = model.config().puzzle() == null ? "sudoku-9x9" : model.config().puzzle();
    List<PuzzleJob> all = new ArrayList<>();
    for (Puzzle puzzle : Puzzles.generated(set, jobs)) {
      all.add(
          PuzzleJob.newBuilder()
              .setId("%s-%d-%d".formatted(kind, round, all.size()))
              .setText(puzzle.text())
              .setModel(model.name())
              .setOptions(
                  JobOptions.newBuilder()
                      .setMaxSegments(segments)
                      .setHalting(HaltingPolicy.MAX_STEPS)
                      .setTrace(kind.choice))
              .build());
    }
    int places = actors.door().capacity();
    Deque<CompletableFuture<PuzzleResult>> running = new ArrayDeque<>();
    long cpu = CPU.getProcessCpuTime();
    long begun = System.nanoTime();
    for (PuzzleJob job : all) {
      if (running.size() == places) {
        running.poll().get();
      }
      running.add(actors.door().solve(job, 1).toCompletableFuture());
    }
    for (CompletableFuture<PuzzleResult> last : running) {
      last.get();
    }
    long ended = System.nanoTime();
    return new Cost((ended - begun) / 1e9, (CPU.getProcessCpuTime() - cpu) / 1e9);
  }
}
