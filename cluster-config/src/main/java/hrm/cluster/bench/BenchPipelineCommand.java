package hrm.cluster.bench;

import com.google.gson.Gson;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Folders;
import hrm.cluster.cli.Home;
import hrm.cluster.cli.ModelArgument;
import hrm.cluster.jobs.Delivery;
import hrm.cluster.jobs.Puzzle;
import hrm.cluster.jobs.Puzzles;
import hrm.cluster.jobs.SubmitCommand;
import hrm.cluster.local.Child;
import hrm.cluster.local.Ports;
import hrm.cluster.local.Programs;
import hrm.gateway.GatewaySettings;
import hrm.gateway.Outcome;
import hrm.gateway.ResultReader;
import hrm.gateway.Topics;
import hrm.model.Backend;
import hrm.model.Backends;
import hrm.model.Model;
import hrm.model.bench.EngineBench;
import hrm.proto.HaltingPolicy;
import hrm.proto.JobOptions;
import hrm.proto.PuzzleJob;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hrm bench pipeline}: what Kafka and the actors cost beside the bare engine. */
@Command(
    name = "pipeline",
    mixinStandardHelpOptions = true,
    description = {
      "Puzzles per second through a broker, a gateway, planner and worker, beside the same model",
      "called in a loop at the same batch; the two in turn, every job a fixed number of segments."
    },
    footer = {"", "Example: hrm bench pipeline --batch 8"})
final class BenchPipelineCommand implements Callable<Integer> {
  private static final Duration START = Duration.ofSeconds(120);

  @Option(
      names = {"--model", "--weights"},
      paramLabel = "W",
      description =
          "The model: " + ModelArgument.FORMS + " (default: one of full size with random weights).")
  String weights;

  @Option(
      names = "--batch",
      defaultValue = "8",
      description = "Slots per lane, and the engine's batch (default: ${DEFAULT-VALUE}).")
  int batch;

  @Option(
      names = "--segments",
      defaultValue = "4",
      description = "Segments of every job (default: ${DEFAULT-VALUE}).")
  int segments;

  @Option(
      names = "--jobs",
      defaultValue = "64",
      description = "Jobs a round; best a multiple of 2 batches (default: ${DEFAULT-VALUE}).")
  int jobs;

  @Option(
      names = "--rounds",
      defaultValue = "8",
      description = "Rounds timed after a warm-up (default: ${DEFAULT-VALUE}).")
  int rounds;

  @Option(names = "--json", description = "One JSON object on stdout.")
  boolean json;

  /** Medians over the rounds; the ratio is that of the rounds' ratios. */
  private record Row(
      int batch,
      int segments,
      double engine_puzzles_per_second,
      double pipeline_puzzles_per_second,
      Ratio ratio) {}

  @Override
  public Integer call() throws Exception {
    for (int value : new int[] {batch, segments, jobs, rounds}) {
      if (value < 1) {
        throw CommandException.wrongInput(
            "--batch, --segments, --jobs and --rounds must be 1 or more");
      }
    }
    Path temporary = Files.createTempDirectory("hrm-bench-");
    try {
      Path path;
      if (weights == null) {
        path = temporary.resolve("full-size");
        Model.save(path, EngineBench.fullSize().weights(), Map.of());
      } else {
        path = ModelArgument.path("--model", weights);
      }
      Row row = measure(Model.load(path), path, temporary);
      System.err.printf(
          "batch %d, %d segments a puzzle: engine %.2f puzzles/s, pipeline %.2f, ratio %s%n",
          row.batch(),
          row.segments(),
          row.engine_puzzles_per_second(),
          row.pipeline_puzzles_per_second(),
          row.ratio());
      if (json) {
        System.out.println(new Gson().toJson(row));
      }
      return 0;
    } finally {
      Folders.delete(temporary);
    }
  }

  private Row measure(Model model, Path path, Path temporary) throws Exception {
    int port = Ports.pair();
    String bootstrap = "127.0.0.1:" + port;
    Programs programs = new Programs(Home.get());
    try (Child broker = Child.start("broker", programs.broker(temporary.resolve("kafka"), port));
        Child node =
            Child.start(
                "node",
                programs.node(
                    List.of(
                        "hrm.kafka.bootstrap=" + bootstrap,
                        "hrm.model.path=" + path,
                        "hrm.actors.slots-per-lane=" + batch,
                        "hrm.actors.prefetch=" + batch,
                        "hrm.actors.trace.sample=0")))) {
      broker.awaitReady(START);
      ConfigOptions options = new ConfigOptions();
      options.bootstrap = bootstrap;
      GatewaySettings settings = GatewaySettings.from(options.load());
      Topics.ensure(settings);
      node.awaitReady(START);
      Backend backend = Backends.named("nd4j", 0);
      double[] engine = new double[rounds];
      double[] pipeline = new double[rounds];
      double[] ratio = new double[rounds];
      for (int round = -1; round < rounds; round++) {
        double bare = 0;
        double whole = 0;
        // Who is first changes: a machine gets slower and faster.
        for (int turn = 0; turn < 2; turn++) {
          if (turn == (round & 1)) {
            bare = jobs / EngineBench.seconds(model, backend, batch, jobs, segments);
          } else {
            whole = jobs / pipeline(settings, model);
          }
        }
        System.err.printf(
            "%s engine %.2f pipeline %.2f puzzles/s%n",
            round < 0 ? "warm-up" : "round " + (round + 1), bare, whole);
        if (round >= 0) {
          engine[round] = bare;
          pipeline[round] = whole;
          ratio[round] = whole / bare;
        }
      }
      return new Row(batch, segments, median(engine), median(pipeline), Ratio.of(ratio));
    }
  }

  /** Seconds from the first job sent to the last result read. */
  private double pipeline(GatewaySettings settings, Model model) throws Exception {
    Delivery delivery = new Delivery(Delivery.newRun("bench"));
    List<PuzzleJob> sent = new ArrayList<>();
    for (Puzzle puzzle :
        Puzzles.generated(
            model.config().puzzle() == null ? "sudoku-9x9" : model.config().puzzle(), jobs)) {
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
    try (ResultReader reader = ResultReader.fromEnd(settings)) {
      long start = System.nanoTime();
      SubmitCommand.send(settings, sent);
      while (!delivery.complete()) {
        for (Outcome outcome : reader.poll(Duration.ofMillis(20))) {
          if (outcome instanceof Outcome.Answered answered) {
            delivery.answered(answered.result());
          } else if (outcome instanceof Outcome.Failed failed) {
            throw CommandException.failed("a job failed: " + failed.failure().getMessage());
          }
        }
      }
      return (System.nanoTime() - start) / 1e9;
    }
  }

  private static double median(double[] values) {
    return Ratio.sorted(values)[values.length / 2];
  }
}
