package hrm.cluster;

import com.google.gson.Gson;
import hrm.gateway.GatewaySettings;
import hrm.gateway.Topics;
import hrm.gateway.TraceSink;
import hrm.model.Backends;
import hrm.model.Model;
import hrm.model.bench.EngineBench;
import hrm.proto.HaltingPolicy;
import hrm.proto.JobOptions;
import hrm.proto.NodeReport;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import hrm.proto.TraceChoice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hrm bench trace}: what it costs to trace one job in a hundred, and every job. */
@Command(
    name = "trace",
    mixinStandardHelpOptions = true,
    description = {
      "Puzzles per second through dispatcher, planner and worker of one process with tracing off, of",
      "1% of the jobs, of every job, and off once more, in turn; events go to a broker beside it.",
      "The ratio of each to its round's first: median and quartiles. Off to off shows the noise."
    },
    footer = {"", "Example: hrm bench trace --batch 8 --json"})
final class BenchTraceCommand implements Callable<Integer> {
  private static final Duration START = Duration.ofSeconds(120);

  @Option(names = "--model", description = "A model folder (default: full size, random weights).")
  Path folder;

  @Option(names = "--batch", defaultValue = "8", description = "Slots per lane.")
  int batch;

  @Option(names = "--segments", defaultValue = "4", description = "Segments of every job.")
  int segments;

  @Option(names = "--jobs", defaultValue = "32", description = "Jobs of each kind a round.")
  int jobs;

  @Option(names = "--rounds", defaultValue = "9", description = "Rounds timed after a warm-up.")
  int rounds;

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

  /** Medians over the rounds; the ratios are to the same round's "off". */
  private record Row(
      String traced,
      double puzzles_per_second,
      double ratio,
      double ratio_low_quartile,
      double ratio_high_quartile,
      double events_per_job) {}

  private record Report(
      String model, int batch, int segments, int rounds, long dropped, List<Row> rows) {}

  @Override
  public Integer call() throws Exception {
    for (int value : new int[] {batch, segments, jobs, rounds}) {
      if (value < 1) {
        throw CommandException.wrongInput(
            "--batch, --segments, --jobs and --rounds must be 1 or more");
      }
    }
    Model model = folder == null ? EngineBench.fullSize() : Model.load(folder);
    Path temporary = Files.createTempDirectory("hrm-bench-");
    try {
      Report report = measure(model, temporary);
      for (Row row : report.rows()) {
        System.err.printf(
            "traced %-9s %9.2f puzzles/s  ratio %.4f (%.4f to %.4f)  %.0f events a job%n",
            row.traced(),
            row.puzzles_per_second(),
            row.ratio(),
            row.ratio_low_quartile(),
            row.ratio_high_quartile(),
            row.events_per_job());
      }
      System.err.printf("%d events were dropped%n", report.dropped());
      if (json) {
        System.out.println(new Gson().toJson(report));
      }
      return 0;
    } finally {
      try (Stream<Path> files = Files.walk(temporary)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      }
    }
  }

  private Report measure(Model model, Path temporary) throws Exception {
    int port = Demo.freePort();
    Programs programs = new Programs(Home.get());
    try (Child broker = Child.start("broker", programs.broker(temporary.resolve("kafka"), port))) {
      broker.awaitReady(START);
      GatewaySettings gateway = Demo.settings("127.0.0.1:" + port);
      Topics.ensure(gateway);
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
      try (TraceSink sink = new TraceSink(gateway, "bench");
          LocalActors actors =
              new LocalActors(
                  EnumSet.allOf(Role.class),
                  List.of(),
                  settings,
                  model,
                  Backends.named("nd4j", 0),
                  sink::offer)) {
        actors.awaitCapacity(3 * batch);
        return rounds(model, actors);
      }
    }
  }

  private Report rounds(Model model, LocalActors actors) throws Exception {
    Kind[] kinds = Kind.values();
    double[][] rates = new double[kinds.length][rounds];
    double[][] ratios = new double[kinds.length][rounds];
    long[] events = new long[kinds.length];
    for (int round = -1; round < rounds; round++) {
      StringBuilder line = new StringBuilder(round < 0 ? "warm-up" : "round " + (round + 1));
      double off = 0;
      for (Kind kind : kinds) {
        long before = report(actors).getTrace().getRecorded();
        double rate = jobs / seconds(model, actors, kind, round);
        off = kind == Kind.OFF ? rate : off;
        line.append("  %s %.2f".formatted(kind.name, rate));
        if (round >= 0) {
          rates[kind.ordinal()][round] = rate;
          ratios[kind.ordinal()][round] = rate / off;
          events[kind.ordinal()] += report(actors).getTrace().getRecorded() - before;
        }
      }
      System.err.println(line.append(" puzzles/s"));
    }
    List<Row> rows = new ArrayList<>();
    for (Kind kind : kinds) {
      double[] sorted = sorted(ratios[kind.ordinal()]);
      rows.add(
          new Row(
              kind.name,
              Json.rounded(sorted(rates[kind.ordinal()])[rounds / 2], 3),
              Json.rounded(sorted[rounds / 2], 4),
              Json.rounded(sorted[rounds / 4], 4),
              Json.rounded(sorted[rounds * 3 / 4], 4),
              Json.rounded((double) events[kind.ordinal()] / rounds / jobs, 2)));
    }
    long dropped = report(actors).getTrace().getDropped();
    return new Report(model.name(), batch, segments, rounds, dropped, rows);
  }

  private static NodeReport report(LocalActors actors) {
    NodeReport.Builder report = NodeReport.newBuilder();
    actors.meters.fill(report);
    return report.build();
  }

  /** Seconds from the first job to the last answer, with as many at once as the planner holds. */
  private double seconds(Model model, LocalActors actors, Kind kind, int round) throws Exception {
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
    int places = actors.door.capacity();
    Deque<CompletableFuture<PuzzleResult>> running = new ArrayDeque<>();
    long begun = System.nanoTime();
    for (PuzzleJob job : all) {
      if (running.size() == places) {
        running.poll().get();
      }
      running.add(actors.door.solve(job, 1).toCompletableFuture());
    }
    for (CompletableFuture<PuzzleResult> last : running) {
      last.get();
    }
    return (System.nanoTime() - begun) / 1e9;
  }

  private static double[] sorted(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted;
  }
}
