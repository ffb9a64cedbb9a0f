package hrm.model.learn;

import hrm.model.Learner;
import hrm.model.host.Host;
import hrm.model.io.HostTensor;
import hrm.model.io.ModelFileException;
import hrm.model.io.SafeTensors;
import hrm.model.io.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Where a run stands: everything that the next step depends on, in one file. */
final class Checkpoint {
  static final String FILE = "checkpoint.safetensors";
  static final String SETTINGS_FILE = "train.json";

  private static final String VALIDATION = "validation"; // in the file's metadata

  private final String validation; // digest of the puzzles that the best was chosen by
  int step;
  double seconds; // of training and evaluating, over all sittings
  private int bestStep;
  private double bestExact = -1;
  private double bestCells = -1;
  private int evaluationsSinceBest;

  private Checkpoint(String validation) {
    this.validation = validation;
  }

  static boolean exists(Path folder) {
    return Files.exists(folder.resolve(FILE));
  }

  /**
   * Goes on from a folder's checkpoint, or begins at step 0 where there is none.
   *
   * @param validation digest of the puzzles that choose the best weights
   */
  static Checkpoint resume(
      Path folder,
      TrainSettings settings,
      SameRun run,
      String validation,
      Learner learner,
      Training.Listener listener)
      throws IOException {
    Checkpoint checkpoint = new Checkpoint(validation);
    Path file = folder.resolve(FILE);
    Path settingsFile = folder.resolve(SETTINGS_FILE);
    if (exists(folder)) {
      boolean alike = run.isJudgedAlike(SafeTensors.metadata(file).get(VALIDATION), validation);
      Map<String, float[]> snapshot = new LinkedHashMap<>();
      SafeTensors.read(file).forEach((name, tensor) -> snapshot.put(name, tensor.floats()));
      if (notFinite(snapshot).isPresent()) {
        throw new ModelFileException(
            file, "is of a run that has diverged; remove it to train from the beginning");
      }
      try {
        learner.restore(snapshot);
        checkpoint.restore(snapshot.get("run"));
      } catch (NullPointerException | IndexOutOfBoundsException e) {
        throw new ModelFileException(
            file,
            "is not a checkpoint of this config (batch, optimizer or sizes differ); train with the config in "
                + settingsFile
                + " or into another folder",
            e);
      }
      listener.note("going on from step %d of %s".formatted(checkpoint.step, file));
      if (!alike && checkpoint.step < settings.steps) {
        checkpoint.forgetBest();
        listener.note(
            "the validation puzzles are others than before, and the run may have learnt from some: the best weights are chosen anew, by these");
      }
    }
    WholeFile.write(settingsFile, settings.toJson());
    return checkpoint;
  }

  private void restore(float[] at) {
    step = (int) at[0] * 4096 + (int) at[1];
    seconds = at[2] * 4096.0 + at[3];
    bestStep = (int) at[4] * 4096 + (int) at[5];
    bestExact = at[6];
    bestCells = at[7];
    evaluationsSinceBest = (int) at[8];
  }

  private void forgetBest() {
    bestStep = 0;
    bestExact = -1;
    bestCells = -1;
    evaluationsSinceBest = 0;
  }

  /** The first part of a learner's snapshot with a value that is not finite. */
  static Optional<String> notFinite(Map<String, float[]> snapshot) {
    return snapshot.entrySet().stream()
        .filter(part -> !part.getKey().equals("rows")) // numbers of other types in their bits
        .filter(part -> !Host.allFinite(part.getValue()))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /**
   * @param snapshot the learner's
   */
  void write(Path folder, Map<String, float[]> snapshot) throws IOException {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    snapshot.forEach((name, data) -> tensors.put(name, HostTensor.of(data, data.length)));
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
    SafeTensors.write(folder.resolve(FILE), tensors, Map.of(VALIDATION, validation));
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
