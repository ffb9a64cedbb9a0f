package hrm.cluster.local;

import com.google.gson.JsonObject;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.Home;
import hrm.cluster.cli.Json;
import hrm.cluster.jobs.Delivery;
import hrm.cluster.jobs.JobJson;
import hrm.cluster.jobs.Progress;
import hrm.cluster.jobs.Puzzle;
import hrm.cluster.jobs.Puzzles;
import hrm.model.puzzle.PuzzleKind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
    name = "demo",
    description = "Start a Kafka broker and a node, send puzzles through them, check every answer.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Sets: sudoku-4x4, sudoku-6x6, sudoku-9x9. The exit code is 0 only if every job came back",
      "exactly once.",
      "",
      "Example: hrm demo --puzzles 50 --set sudoku-4x4"
    })
public final class DemoCommand implements Callable<Integer> {
  @Option(
      names = "--puzzles",
      paramLabel = "N",
      description = "How many puzzles (default: 200, or all of --file).")
  Integer count;

  @Option(
      names = "--set",
      paramLabel = "NAME",
      description = "Kind of puzzles to generate (default: sudoku-6x6).")
  String set;

  @Option(
      names = "--file",
      paramLabel = "CSV",
      description = "Puzzles from a file instead, as hrm submit takes them.")
  String file;

  @Option(names = "--json", description = "Print the summary as one JSON object.")
  boolean json;

  @Option(
      names = "--port",
      paramLabel = "P",
      description = "Port of the broker, which takes the next one, too (default: any free one).")
  Integer port;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      description =
          "Keep the broker's data there (default: a temporary folder, deleted at the end).")
  Path dir;

  @Option(
      names = "--serve",
      description = "Trace every job, then show how they were thought on a page, until Ctrl-C.")
  boolean serve;

  @Spec CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    check();
    Demo.Supply supply = file == null ? generated() : read();
    int kafka = port == null ? Ports.pair() : port;
    try (Demo demo = new Demo(Home.get(), supply, Progress.onStderr(), kafka, dir, serve)) {
      Demo.Summary summary = demo.run();
      print(summary);
      if (serve) {
        System.out.flush();
        demo.stay();
      }
      return summary.delivery().exactlyOnce() ? 0 : CommandException.FAILED;
    }
  }

  private void check() {
    if (count != null && count < 1) {
      throw new ParameterException(
          spec.commandLine(), "--puzzles %d: must be 1 or more".formatted(count));
    }
    if (file != null && set != null) {
      throw new ParameterException(
          spec.commandLine(), "--file and --set exclude each other: leave one out");
    }
  }

  private Demo.Supply generated() {
    PuzzleKind kind = Puzzles.set(set == null ? "sudoku-6x6" : set);
    int number = count == null ? 200 : count;
    return new Demo.Supply(Set.of(kind.name()), () -> Puzzles.generated(kind, number));
  }

  private Demo.Supply read() throws IOException {
    List<Puzzle> all = Puzzles.from(file);
    List<Puzzle> some = count == null || count >= all.size() ? all : all.subList(0, count);
    return new Demo.Supply(
        some.stream().map(puzzle -> puzzle.kind().name()).collect(Collectors.toSet()), () -> some);
  }

  private void print(Demo.Summary summary) {
    Delivery delivery = summary.delivery();
    double perSecond = delivery.results() / Math.max(summary.seconds(), 1e-3);
    if (json) {
      JsonObject object = JobJson.of(delivery);
      object.addProperty("mean_segments", Json.rounded(delivery.meanSegments(), 3));
      object.addProperty("seconds", Json.rounded(summary.seconds(), 3));
      object.addProperty("puzzles_per_second", Json.rounded(perSecond, 2));
      object.addProperty("bootstrap", summary.bootstrap());
      object.addProperty("model", summary.model());
      object.addProperty("model_sha256", summary.modelSha256());
      Json.print(object);
      return;
    }
    System.out.printf(
        "%d jobs, %d results, %d duplicates, %d dead letters%n"
            + "%d solved (%.1f%%), %.2f segments each, %.1f s, %.1f puzzles/s%n"
            + "model %s, sha256 %s%n",
        delivery.jobs(),
        delivery.results(),
        delivery.duplicates(),
        delivery.deadLettered(),
        delivery.solved(),
        100.0 * delivery.solved() / delivery.jobs(),
        delivery.meanSegments(),
        summary.seconds(),
        perSecond,
        summary.model(),
        summary.modelSha256());
  }
}
