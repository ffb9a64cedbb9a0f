package hrm.model.learn;

import hrm.model.HrmConfig;
import hrm.model.Model;
import hrm.model.Weights;
import hrm.model.io.WholeFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A model folder as training leaves it: weights, config, and a card that says how they came. */
final class ModelCard {
  private ModelCard() {}

  static void save(
      Path folder,
      TrainSettings settings,
      Weights weights,
      Checkpoint checkpoint,
      Evaluation evaluation)
      throws IOException {
    Model.save(
        folder, weights, settings.saveDtype(), Map.of("step", Integer.toString(checkpoint.step)));
    WholeFile.write(
        folder.resolve("README.md"), text(folder, settings, weights, checkpoint, evaluation));
  }

  private static String text(
      Path folder, TrainSettings s, Weights weights, Checkpoint checkpoint, Evaluation evaluation) {
    HrmConfig c = s.arch();
    String name = folder.toAbsolutePath().getFileName().toString();
    return """
        # %s

        | | |
        |---|---|
        | architecture | %s: hidden %d, %s, H_cycles %d, L_cycles %d (`config.json`) |
        | parameters | %,d values, %s |
        | made by | `hrm train --config train.json --out %s`, step %,d of %,d |
        | recipe | batch %d, %s, lr %s, loss %s, gradient %s, EMA %s, seed %d (`train.json`) |
        | begun from | %s |
        | trained on | %s |
        | time | %s on %d threads, %s, Java %s, %s |

        Validation, %d puzzles that were not trained on but chose these weights: solved after

        | segments | %s |
        |---|%s
        | solved | %s |

        With the halting head: %s after %.2f segments on average. For its figures on a test set run
        `hrm eval --weights %s --data FILE`.
        """
        .formatted(
            name,
            c.singleNet() ? "TRM" : "HRM",
            c.hiddenSize(),
            c.singleNet() ? c.lLayers() + " layers" : c.hLayers() + " + " + c.lLayers() + " layers",
            c.hCycles(),
            c.lCycles(),
            weights.parameters(),
            s.save_dtype,
            name,
            checkpoint.step,
            s.steps,
            s.batch,
            s.optimizer,
            s.lr,
            s.loss,
            s.gradient,
            s.ema,
            s.seed,
            s.weights == null
                ? "random values"
                : "the weights of `%s`".formatted(Path.of(s.weights).getFileName()),
            s.data == null
                ? "puzzles from the generator, seed " + s.seed
                : Path.of(s.data).getFileName()
                    + (s.augment ? " and the symmetries of its puzzles" : ""),
            time(checkpoint.seconds),
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.arch"),
            System.getProperty("java.version"),
            LocalDate.now(),
            evaluation.puzzles(),
            columns(evaluation, "%d", i -> i),
            "---|".repeat(shown(evaluation).length),
            columns(evaluation, "%s", i -> percent(evaluation.solved()[i - 1])),
            percent(evaluation.solvedAtHalt()),
            evaluation.meanSegments(),
            name);
  }

  private static int[] shown(Evaluation e) {
    return IntStream.rangeClosed(1, e.solved().length)
        .filter(i -> Integer.bitCount(i) == 1 || i == e.solved().length)
        .toArray();
  }

  private static String columns(
      Evaluation e, String format, java.util.function.IntFunction<Object> value) {
    return IntStream.of(shown(e))
        .mapToObj(i -> format.formatted(value.apply(i)))
        .collect(Collectors.joining(" | "));
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * share);
  }

  private static String time(double seconds) {
    long minutes = Math.round(seconds / 60);
    return minutes >= 60 ? "%d h %02d min".formatted(minutes / 60, minutes % 60) : minutes + " min";
  }
}
