package hrm.cluster.models;

import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.HaltingArgument;
import hrm.cluster.cli.Json;
import hrm.cluster.cli.ModelArgument;
import hrm.cluster.settings.DeviceOptions;
import hrm.model.Backend;
import hrm.model.HaltingPolicy;
import hrm.model.Model;
import hrm.model.data.Dataset;
import hrm.model.data.Datasets;
import hrm.model.learn.EvaluationReport;
import hrm.model.learn.Evaluator;
import hrm.model.learn.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hrm eval}: how many puzzles of a file a model answers right, and how soon. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    description = {
      "Answer every puzzle of a dataset and compare with its solutions: exact and",
      "cell accuracy by segment, halting accuracy, segments, puzzles/s, failures."
    },
    footer = {
      "",
      "Policies: max-steps runs all segments, as the published evaluation does;",
      "q-head takes the answer at which the model's own halting head stops; verified",
      "the first that the puzzle's rules accept. A halted puzzle gives its place in",
      "the batch to the next one.",
      "",
      "Example: hrm eval --weights sudoku-6x6 --data puzzles.csv --policy q-head"
    })
public final class EvalCommand implements Callable<Integer> {
  @Mixin ModelArgument argument;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "CSV|DIR",
      description =
          "source,question,answer,rating with a header; or a published .npy folder, every example of"
              + " it (of one with splits: test).")
  Path data;

  @Option(
      names = {"--policy", "--halting"},
      paramLabel = "P",
      defaultValue = "max-steps",
      description = HaltingArgument.NAMES + " (default: ${DEFAULT-VALUE}).")
  String policy;

  @Option(
      names = "--segments",
      paramLabel = "N",
      description = "Most segments a puzzle gets (default: the model's halt_max_steps).")
  Integer segments;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "32",
      description = "Puzzles thought about at once (default: ${DEFAULT-VALUE}).")
  int batch;

  @Option(names = "--limit", paramLabel = "N", description = "The first N puzzles only.")
  Integer limit;

  @Mixin DeviceOptions device;

  @Option(names = "--json", description = "One JSON object on stdout.")
  boolean json;

  @Option(
      names = "--failures",
      paramLabel = "FILE",
      description = "Write every failure there: CSV where it ends in .csv, else one JSON a line.")
  Path failures;

  @Override
  public Integer call() throws IOException {
    HaltingPolicy halting = HaltingArgument.parse(policy);
    check("--batch", batch);
    check("--segments", segments);
    check("--limit", limit);
    device.settings();
    Model model = argument.load();
    Path from = located();
    Dataset puzzles = dataset(from);
    Dataset examples = puzzles.eachExample();
    Evaluator evaluator =
        new Evaluator(
            model,
            examples,
            new Evaluator.Options(
                halting, segments == null ? model.config().haltMaxSteps() : segments, batch));
    Backend backend = device.open();
    EvalProgress progress =
        new EvalProgress(System.err, Boolean.getBoolean("hrm.terminal"), examples.size());
    // Opened first: a name that cannot be written shows before the hours, not after.
    try (FailuresFile file =
        failures == null ? null : FailuresFile.open(failures, evaluator.rules())) {
      EvaluationReport report =
          evaluator.run(backend, outcome -> finished(outcome, progress, file));
      progress.end();
      EvalOutput output = new EvalOutput(model, from, puzzles.size(), report);
      if (json) {
        Json.print(output.json());
      } else {
        System.out.print(output.text(Boolean.getBoolean("hrm.terminal.out")));
      }
    }
    return 0;
  }

  private static void finished(Outcome outcome, EvalProgress progress, FailuresFile file) {
    progress.finished(outcome);
    if (file != null) {
      file.finished(outcome);
    }
  }

  private static void check(String option, Integer value) {
    if (value != null && value < 1) {
      throw CommandException.wrongInput("%s %d: must be 1 or more".formatted(option, value));
    }
  }

  private Path located() throws IOException {
    if (!Files.exists(data)) {
      throw CommandException.wrongInput(
          "--data %s: there is no such file or folder; give a CSV file or an .npy folder"
              .formatted(data));
    }
    Path from = Datasets.locate(data, "test", "train");
    if (!from.equals(data)) {
      System.err.println("reading " + from);
    }
    return from;
  }

  private Dataset dataset(Path from) throws IOException {
    Dataset all = Datasets.open(from);
    return limit == null || limit >= all.size() ? all : all.subset(0, limit);
  }
}
