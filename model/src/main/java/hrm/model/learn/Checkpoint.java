package hrm.model.learn;

import hrm.model.HrmConfig;
import hrm.model.Learner;
import hrm.model.io.HostTensor;
import hrm.model.io.ModelFileException;
import hrm.model.io.SafeTensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where a run stands: everything that the next step depends on, in one file. */
final class Checkpoint {
  static final String FILE = "checkpoint.safetensors";
  static final String SETTINGS_FILE = "train.json";

  int step;
  double seconds; // of training and evaluating, over all sittings
  private int bestStep;
  private double bestExact = -1;
  private double bestCells = -1;
  private int evaluationsSinceBest;

  private Checkpoint() {}

  static boolean exists(Path folder) {
    return Files.exists(folder.resolve(FILE));
  }

  /** Goes on from a folder's checkpoint, or begins at step 0 where there is none. */
  static Checkpoint resume(
      Path folder, TrainSettings settings, Learner learner, Training.Listener listener)
      throws IOException {
    Checkpoint checkpoint = new Checkpoint();
    Path file = folder.resolve(FILE);
    Path settingsFile = folder.resolve(SETTINGS_FILE);
    if (exists(folder)) {
      checkArch(settingsFile, settings);
      Map<String, float[]> snapshot = new LinkedHashMap<>();
      SafeTensors.read(file).forEach((name, tensor) -> snapshot.put(name, tensor.floats()));
      try {
        learner.restore(snapshot);
        float[] at = snapshot.get("run");
        checkpoint.step = (int) at[0] * 4096 + (int) at[1];
        checkpoint.seconds = at[2] * 4096.0 + at[3];
        checkpoint.bestStep = (int) at[4] * 4096 + (int) at[5];
        checkpoint.bestExact = at[6];
        checkpoint.bestCells = at[7];
        checkpoint.evaluationsSinceBest = (int) at[8];
      } catch (NullPointerException | IndexOutOfBoundsException e) {
        throw new ModelFileException(
            file,
            "is not a checkpoint of this config (batch, optimizer or sizes differ); train with the config in "
                + settingsFile
                + " or into another folder",
            e);
      }
      listener.note("going on from step %d of %s".formatted(checkpoint.step, file));
    }
    Files.write(settingsFile, settings.toJson().getBytes(StandardCharsets.UTF_8));
    return checkpoint;
  }

  private static void checkArch(Path settingsFile, TrainSettings settings) throws IOException {
    if (Files.exists(settingsFile)) {
      HrmConfig before = TrainSettings.parse(Files.readString(settingsFile)).arch();
      if (!before.toJson().equals(settings.arch().toJson())) {
        throw new IllegalArgumentException(
            "%s was made with another arch; train with that config or into another folder"
                .formatted(settingsFile));
      }
    }
  }

  void write(Path folder, Learner learner) throws IOException {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    learner.snapshot().forEach((name, data) -> tensors.put(name, HostTensor.of(data, data.length)));
    float[] run = {
      step / 4096,
      step % 4096,
      (int) (seconds / 4096),
      (float) (seconds % 4096),
      bestStep / 4096,
      bestStep % 4096,
      (float) bestExact,
      (float) bestCells,
      evaluationsSinceBest
    };
    tensors.put("run", HostTensor.of(run, run.length));
    SafeTensors.write(folder.resolve(FILE), tensors, Map.of());
  }

  /** Whether these weights are the best so far: more puzzles solved, or as many and more cells. */
  boolean judge(Evaluation evaluation) {
    // As the checkpoint keeps them, so that a resumed run compares the same numbers.
    float exact = (float) evaluation.exact();
    float cells = (float) evaluation.cells();
    boolean better = exact > bestExact || exact == bestExact && cells > bestCells;
    if (better) {
      bestExact = exact;
      bestCells = cells;
      bestStep = step;
      evaluationsSinceBest = 0;
    } else {
      evaluationsSinceBest++;
    }
    return better;
  }

  /** Whether all steps are done, or too many evaluations brought nothing better. */
  boolean isOver(TrainSettings settings) {
    return step >= settings.steps
        || settings.patience > 0 && evaluationsSinceBest >= settings.patience;
  }

  String outcome(TrainSettings settings) {
    String why = step >= settings.steps ? "all steps done" : "no better evaluation in patience";
    return "%s: best weights are step %d's, %.1f%% of the validation puzzles solved"
        .formatted(why, bestStep, 100 * bestExact);
  }
}
