package hrm.cluster.models;

import static java.util.stream.Collectors.joining;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonNull;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ModelArgument;
import hrm.cluster.cli.OnTermination;
import hrm.cluster.settings.DeviceOptions;
import hrm.model.learn.DivergedException;
import hrm.model.learn.Evaluation;
import hrm.model.learn.TrainSettings;
import hrm.model.learn.Training;
import hrm.model.puzzle.PuzzleKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code hrm train}: trains a model, going on where an earlier run stopped. */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = {
      "Train a model; go on from the checkpoint in --out where there is one.",
      "--out then holds the best weights by validation (model.safetensors, config.json and a model",
      "card), the settings (train.json) and the checkpoint. Ctrl-C writes a checkpoint and stops."
    },
    footer = {
      "",
      "Example: hrm train --set sudoku-4x4 --out my-4x4",
      "Example: hrm train --set muon-sudoku --data sudoku-extreme/train.csv --out my-sudoku",
      "Example: hrm train --set sudoku-9x9 --weights sudoku-9x9 --data mine.csv --out my-9x9"
    })
public final class TrainCommand implements Callable<Integer> {
  private static final JsonSerializer<Double> FINITE_OR_NULL =
      (value, type, context) ->
          Double.isFinite(value) ? new JsonPrimitive(value) : JsonNull.INSTANCE;

  private static final Gson GSON =
      new GsonBuilder()
          .serializeNulls()
          .registerTypeAdapter(double.class, FINITE_OR_NULL)
          .registerTypeAdapter(Double.class, FINITE_OR_NULL)
          .create();

  /** What to train: exactly one of the two. */
  static final class What {
    @Option(
        names = "--set",
        description =
            "A preset: sudoku-4x4, sudoku-6x6, sudoku-9x9 (the bundled models'); hrm-sudoku,"
                + " trm-sudoku, trm-maze (as published); muon-sudoku (arXiv 2601.19085).")
    String set;

    @Option(names = "--config", description = "A JSON file with \"arch\" and \"train\".")
    Path config;
  }

  @ArgGroup(multiplicity = "1")
  What what;

  @Option(
      names = "--data",
      description = "Puzzles to learn from, a CSV file or .npy folder, instead of the config's.")
  Path data;

  @Option(
      names = "--weights",
      paramLabel = "W",
      description =
          "Begin from this model's values instead of random ones: " + ModelArgument.FORMS + ".")
  String weights;

  @Option(names = "--out", required = true, description = "Folder for model and checkpoint.")
  Path out;

  @Option(names = "--steps", description = "Optimizer steps in all, instead of the config's.")
  Integer steps;

  @Option(
      names = "--checkpoint-every",
      paramLabel = "S",
      defaultValue = "60",
      description = "Seconds between checkpoints; 0: after every step (default: ${DEFAULT-VALUE}).")
  double checkpointSeconds;

  @Mixin DeviceOptions device;

  @Option(names = "--json", description = "One JSON object a report on stdout.")
  boolean json;

  @Override
  public Integer call() throws IOException {
    if (!(checkpointSeconds >= 0)) { // not a number, too
      throw CommandException.wrongInput(
          "--checkpoint-every %s: must be 0 or more seconds".formatted(checkpointSeconds));
    }
    device.settings();
    Report report = new Report();
    Training training;
    try {
      training = new Training(settings(), out, device.open(), report);
    } catch (IllegalArgumentException e) {
      throw CommandException.wrongInput(e.getMessage());
    }
    CountDownLatch ended = new CountDownLatch(1);
    OnTermination stop = new OnTermination("hrm-train-stop", () -> stop(training, report, ended));
    try (stop) {
      boolean complete = training.run(checkpointSeconds);
      System.err.println(
          complete
              ? "done: %s holds the model".formatted(out)
              : "stopped: the same command goes on from here");
      return complete ? 0 : 130;
    } catch (IllegalArgumentException e) {
      throw CommandException.wrongInput(e.getMessage());
    } catch (DivergedException e) {
      report.endLine();
      throw CommandException.failed(e.getMessage());
    } finally {
      ended.countDown();
    }
  }

  private TrainSettings settings() throws IOException {
    if (what.config != null && !Files.isRegularFile(what.config)) {
      throw new IllegalArgumentException(
          "--config %s is not a file; give a JSON file with \"arch\" and \"train\""
              .formatted(what.config));
    }
    TrainSettings settings =
        what.set != null ? TrainSettings.preset(what.set) : parsed(what.config);
    if (steps != null) {
      settings.steps(steps);
    }
    if (weights != null) {
      settings.weights(ModelArgument.path("--weights", weights).toString());
    }
    if (data != null) {
      settings.data(data.toString());
    }
    return settings;
  }

  private static TrainSettings parsed(Path config) throws IOException {
    try {
      return TrainSettings.parse(Files.readString(config));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--config %s: %s".formatted(config, e.getMessage()), e);
    }
  }

  private static void stop(Training training, Report report, CountDownLatch ended) {
    if (!training.stop()) {
      report.note("stopped before the first step: there is nothing to save yet");
      return;
    }
    try {
      ended.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Progress for a person on stderr, for a program on stdout. */
  private final class Report implements Training.Listener {
    private final boolean terminal = Boolean.getBoolean("hrm.terminal");
    private boolean open; // a progress line without its line end
    private MakingProgress making;

    @Override
    public void made(PuzzleKind kind, int puzzles, int all) {
      if (making == null) {
        making = MakingProgress.onStderr(kind.name(), all);
      }
      making.made(puzzles);
      open = making.isOpen();
    }

    @Override
    public void progress(Training.Progress p) {
      print("progress", p);
      String line =
          "step %d/%d  loss %.4f  cells %.2f%%  exact %.1f%%  segments %.2f  %.0f samples/s  %s left"
              .formatted(
                  p.step(),
                  p.steps(),
                  p.loss(),
                  100 * p.cellAccuracy(),
                  100 * p.exactAccuracy(),
                  p.meanSegments(),
                  p.samplesPerSecond(),
                  time(p.secondsLeft()));
      System.err.print(terminal ? "\r\033[K" + line : line + "\n");
      open = terminal;
    }

    @Override
    public void evaluated(int step, double seconds, Evaluation e, boolean best) {
      print("evaluation", Map.of("step", step, "best", best, "evaluation", e));
      int[] after = after(e);
      note(
          "validation (%d) after step %d: solved after segment %s: %s; halting right %.1f%%%s"
              .formatted(
                  e.puzzles(),
                  step,
                  Arrays.stream(after).mapToObj(Integer::toString).collect(joining(", ")),
                  Arrays.stream(after)
                      .mapToObj(s -> "%.1f%%".formatted(100 * e.solved()[s - 1]))
                      .collect(joining(", ")),
                  100 * e.halting(),
                  best ? "; saved as the best" : ""));
    }

    @Override
    public void note(String text) {
      endLine();
      System.err.println(text);
    }

    void endLine() {
      if (open) {
        System.err.println();
        open = false;
      }
    }

    private void print(String type, Object value) {
      if (json) {
        System.out.println(json(type, value));
        System.out.flush();
      }
    }
  }

  /** Segments whose share of solved puzzles is told. */
  static int[] after(Evaluation e) {
    int last = e.solved().length;
    return IntStream.of(1, 2, 4, 8, last).filter(s -> s <= last).distinct().toArray();
  }

  /** One line; a number that is not finite is null. */
  static String json(String type, Object value) {
    return GSON.toJson(Map.of("type", type, "value", value));
  }

  private static String time(double seconds) {
    long s = Math.round(seconds);
    return s >= 3600
        ? "%dh%02dm".formatted(s / 3600, s / 60 % 60)
        : "%dm%02ds".formatted(s / 60, s % 60);
  }
}
