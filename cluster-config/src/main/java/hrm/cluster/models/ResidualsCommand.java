package hrm.cluster.models;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.Json;
import hrm.cluster.cli.ModelArgument;
import hrm.cluster.cli.OutFile;
import hrm.cluster.jobs.Puzzles;
import hrm.cluster.settings.DeviceOptions;
import hrm.model.Backend;
import hrm.model.Model;
import hrm.model.data.Dataset;
import hrm.model.data.Datasets;
import hrm.model.learn.ResidualChart;
import hrm.model.learn.Residuals;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.PuzzleGenerator;
import hrm.model.puzzle.PuzzleKind;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hrm residuals}: the convergence figure of a model. */
@Command(
    name = "residuals",
    mixinStandardHelpOptions = true,
    description = {
      "Draw how far each L tick moves z_L and each H step z_H, over a set of puzzles: the forward",
      "residuals of the HRM paper's convergence figure, mean and spread, on a log scale."
    },
    footer = {
      "",
      "Example: hrm residuals --weights sudoku-6x6 --data generated --out residuals.svg"
    })
public final class ResidualsCommand implements Callable<Integer> {
  @Mixin ModelArgument argument;

  @Option(
      names = "--data",
      defaultValue = GENERATED,
      paramLabel = "CSV|DIR|generated",
      description =
          "Puzzles: a CSV file, an .npy folder (of one with splits: test), or new ones (default:"
              + " generated).")
  String data;

  @Option(
      names = "--puzzles",
      paramLabel = "N",
      defaultValue = "100",
      description = "The first N of them (default: ${DEFAULT-VALUE}).")
  int puzzles;

  @Option(
      names = "--segments",
      paramLabel = "N",
      description = "Segments to think for (default: the model's halt_max_steps).")
  Integer segments;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "32",
      description = "Puzzles thought about at once (default: ${DEFAULT-VALUE}).")
  int batch;

  @Mixin DeviceOptions device;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE.svg|FILE.png",
      description = "The figure; several are allowed.")
  List<Path> out;

  @Option(names = "--json", description = "Print the figure's numbers as one JSON object.")
  boolean json;

  private static final String GENERATED = "generated";

  @Override
  public Integer call() throws IOException {
    device.settings();
    atLeastOne("--puzzles", puzzles);
    atLeastOne("--batch", batch);
    atLeastOne("--segments", segments == null ? 1 : segments);
    for (Path file : out) {
      if (!file.toString().matches(".*\\.(svg|png)")) {
        throw CommandException.wrongInput(
            "--out %s: name a file that ends in .svg or .png".formatted(file));
      }
      OutFile.check("--out", file);
    }
    Model model = argument.load();
    List<Example> examples = data.equals(GENERATED) ? generated(model) : read();
    Backend backend = device.open();
    boolean terminal = Boolean.getBoolean("hrm.terminal");
    Residuals residuals =
        Residuals.of(
            model,
            examples,
            segments == null ? model.config().haltMaxSteps() : segments,
            batch,
            backend,
            done ->
                System.err.print(
                    terminal ? "\r%d of %d puzzles".formatted(done, examples.size()) : ""));
    System.err.print(terminal ? "\n" : "");
    ResidualChart chart = new ResidualChart(residuals, model.name());
    for (Path file : out) {
      try (OutputStream to = Files.newOutputStream(file)) {
        if (file.toString().endsWith(".png")) {
          chart.png(to);
        } else {
          chart.svg(to);
        }
      }
      System.err.println("wrote " + file);
    }
    if (json) {
      Json.print(json(model, residuals));
    }
    return 0;
  }

  private static void atLeastOne(String option, int value) {
    if (value < 1) {
      throw CommandException.wrongInput("%s %d: must be 1 or more".formatted(option, value));
    }
  }

  private List<Example> generated(Model model) {
    PuzzleKind kind =
        model
            .puzzle()
            .orElseThrow(
                () ->
                    CommandException.wrongInput(
                        "model %s does not say which puzzle it solves; give --data CSV or DIR"
                            .formatted(model.name())));
    PuzzleGenerator generator = PuzzleGenerator.of(kind, Puzzles.SEED);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < puzzles; i++) {
      examples.add(generator.next());
    }
    return examples;
  }

  private List<Example> read() throws IOException {
    Path path = Path.of(data);
    if (!Files.exists(path)) {
      throw CommandException.wrongInput(
          "--data %s: there is no such file or folder; give a CSV file, an .npy folder, or generated"
              .formatted(data));
    }
    Path found = Datasets.locate(path, "test", "train");
    System.err.println("read " + found);
    Dataset all = Datasets.open(found);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < Math.min(puzzles, all.size()); i++) {
      examples.add(all.example(i));
    }
    return examples;
  }

  private static JsonObject json(Model model, Residuals residuals) {
    JsonObject json = new JsonObject();
    json.addProperty("model", model.name());
    json.addProperty("model_sha256", model.sha256());
    json.addProperty("puzzles", residuals.low()[0].length);
    json.addProperty("h_cycles", residuals.hCycles());
    json.addProperty("l_cycles", residuals.lCycles());
    json.addProperty("state_norm", Json.rounded(Math.sqrt(residuals.size()), 3));
    json.add("z_l", array(residuals.lowSteps()));
    json.add("z_h", array(residuals.highSteps()));
    return json;
  }

  private static JsonArray array(List<Residuals.Step> steps) {
    JsonArray array = new JsonArray();
    for (Residuals.Step step : steps) {
      JsonObject one = new JsonObject();
      one.addProperty("mean", step.mean());
      one.addProperty("p10", step.low());
      one.addProperty("p90", step.high());
      array.add(one);
    }
    return array;
  }
}
