package hrm.cluster.bench;

import com.google.gson.Gson;
import com.typesafe.config.Config;
import hrm.actors.DispatcherBench;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Json;
import hrm.cluster.jobs.Puzzles;
import hrm.model.Model;
import hrm.proto.PuzzleJob;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code hrm bench dispatcher}: how many jobs a second one dispatcher hands out. */
@Command(
    name = "dispatcher",
    mixinStandardHelpOptions = true,
    description = {
      "Jobs per second through the front door and the dispatcher to planners of the same process",
      "that answer at once: the limit of one gateway without Kafka and network; median of rounds."
    },
    footer = {"", "Example: hrm bench dispatcher --planners 8 --json"})
final class BenchDispatcherCommand implements Callable<Integer> {
  @Option(
      names = "--planners",
      defaultValue = "8",
      description = "Planners that answer at once (default: ${DEFAULT-VALUE}).")
  int planners;

  @Option(
      names = "--places",
      defaultValue = "40",
      description =
          "Jobs that each planner holds; 40 is what a node with default settings does (default: ${DEFAULT-VALUE}).")
  int places;

  @Option(
      names = "--jobs",
      defaultValue = "100000",
      description = "Jobs a round (default: ${DEFAULT-VALUE}).")
  int jobs;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "Rounds timed after two more (default: ${DEFAULT-VALUE}).")
  int rounds;

  @Option(names = "--json", description = "One JSON object on stdout.")
  boolean json;

  private record Row(int planners, int places, int jobs, double jobs_per_second) {}

  @Override
  public Integer call() throws Exception {
    for (int value : new int[] {planners, places, jobs, rounds}) {
      if (value < 1) {
        throw CommandException.wrongInput(
            "--planners, --places, --jobs and --rounds must be 1 or more");
      }
    }
    Model model = TinyModel.get();
    PuzzleJob job =
        PuzzleJob.newBuilder()
            .setId("job")
            .setText(Puzzles.generated("sudoku-4x4", 1).get(0).text())
            .build();
    double[] rates = new double[rounds];
    Config config = new ConfigOptions().load(Map.of("akka.actor.provider", "local"));
    try (DispatcherBench bench = new DispatcherBench(config, model, planners, places)) {
      for (int round = -2; round < rounds; round++) {
        double rate = bench.jobsPerSecond(job, jobs);
        System.err.printf("%s %.0f jobs/s%n", round < 0 ? "warm-up" : "round " + (round + 1), rate);
        if (round >= 0) {
          rates[round] = rate;
        }
      }
    }
    Arrays.sort(rates);
    Row row = new Row(planners, places, jobs, Json.rounded(rates[rounds / 2], 0));
    System.err.printf(
        "dispatcher: %.0f jobs/s with %d planners of %d places%n",
        row.jobs_per_second(), planners, places);
    if (json) {
      System.out.println(new Gson().toJson(row));
    }
    return 0;
  }
}
