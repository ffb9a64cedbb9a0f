package hrm.cluster;

import com.google.gson.Gson;
import hrm.model.Backends;
import hrm.model.learn.Evaluation;
import hrm.model.learn.TrainSettings;
import hrm.model.learn.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code hrm train}: trains a model on generated puzzles, resuming where an earlier run stopped.
 */
@Command(
    name = "train",
    mixinStandardHelpOptions = true,
    description = "Trains a model; goes on from the checkpoint in --out where there is one.",
    footer = {"", "Example: hrm train --set sudoku-4x4 --out my-4x4"})
final class TrainCommand implements Callable<Integer> {
  /** What to train: exactly one of the two. */
  static final class What {
    @Option(names = "--set", description = "A bundled preset: sudoku-4x4 or sudoku-6x6.")
    String set;

    @Option(names = "--config", description = "A JSON file with \"arch\" and \"train\".")
    Path config;
  }

  @ArgGroup(multiplicity = "1")
  What what;

  @Option(names = "--out", required = true, description = "Folder for model and checkpoint.")
  Path out;

  @Option(names = "--steps", description = "Optimizer steps in all, instead of the config's.")
  Integer steps;

  @Option(names = "--checkpoint-every", defaultValue = "60", description = "Seconds.")
  double checkpointSeconds;

  @Option(names = "--threads", defaultValue = "0", description = "Cores to use; 0: all.")
  int threads;

  @Option(names = "--json", description = "One JSON object a report on stdout.")
  boolean json;

  @Override
  public Integer call() throws IOException {
    TrainSettings settings =
        what.set != null
            ? TrainSettings.preset(what.set)
            : TrainSettings.parse(Files.readString(what.config));
    if (steps != null) {
      settings.steps(steps);
    }
    new Training(settings, out, Backends.named("auto", threads), this::report)
        .run(checkpointSeconds);
    System.err.println(
        "done: %s holds the model; try it with: hrm demo --set %s"
            .formatted(out, settings.arch().puzzle()));
    return 0;
  }

  private void report(Training.Progress p) {
    if (json) {
      System.out.println(new Gson().toJson(p));
      System.out.flush();
    }
    boolean terminal = System.console() != null;
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
    if (p.heldOut() != null) {
      System.err.println((terminal ? "\n" : "") + heldOut(p.heldOut()));
    }
  }

  private static String heldOut(Evaluation e) {
    return "held out (%d): solved after segment 1, 2, 4, 8, %d: %s; halting right %.1f%%"
        .formatted(
            e.puzzles(),
            e.solved().length,
            Arrays.stream(new int[] {1, 2, 4, 8, e.solved().length})
                .filter(s -> s <= e.solved().length)
                .mapToObj(s -> "%.1f%%".formatted(100 * e.solved()[s - 1]))
                .toList(),
            100 * e.halting());
  }

  private static String time(double seconds) {
    long s = Math.round(seconds);
    return s >= 3600
        ? "%dh%02dm".formatted(s / 3600, s / 60 % 60)
        : "%dm%02ds".formatted(s / 60, s % 60);
  }
}
