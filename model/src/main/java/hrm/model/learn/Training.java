package hrm.model.learn;

import hrm.model.Backend;
import hrm.model.Learner;
import hrm.model.Model;
import hrm.model.Weights;
import hrm.model.io.HostTensor;
import hrm.model.io.SafeTensors;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.PuzzleKinds;
import hrm.model.puzzle.Sudoku;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One training run: steps, progress, checkpoints, resume, and the model folder at the end. */
public final class Training {
  /** A checkpoint holds everything that the next step depends on. */
  public static final String CHECKPOINT_FILE = "checkpoint.safetensors";

  /** What is told while training runs; all rates since the last report. */
  public record Progress(
      int step,
      int steps,
      double loss,
      double cellAccuracy,
      double exactAccuracy,
      double meanSegments,
      double samplesPerSecond,
      double secondsLeft,
      Evaluation heldOut) {}

  /** Receives progress; a held-out evaluation comes with every checkpoint. */
  public interface Listener {
    void progress(Progress progress);
  }

  private final TrainSettings settings;
  private final Path folder;
  private final Backend backend;
  private final Listener listener;
  private final Sudoku kind;

  public Training(TrainSettings settings, Path folder, Backend backend, Listener listener) {
    this.settings = settings;
    this.folder = folder;
    this.backend = backend;
    this.listener = listener;
    this.kind =
        (Sudoku)
            PuzzleKinds.named(String.valueOf(settings.arch().puzzle()))
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "arch.puzzle is %s; training knows sudoku-4x4, sudoku-6x6, sudoku-9x9"
                                .formatted(settings.arch().puzzle())));
  }

  /**
   * Trains to the last step, from the folder's checkpoint where there is one.
   *
   * @param checkpointSeconds between two checkpoints
   */
  public void run(double checkpointSeconds) throws IOException {
    SudokuSource source = new SudokuSource(kind, settings);
    List<Example> heldOut = SudokuSource.heldOut(kind, settings.held_out);
    Learner.Options options =
        new Learner.Options(
            settings.batch,
            settings.maxSegments(),
            settings.lossType(),
            0,
            settings.gradient.equals("last-cycle"),
            new hrm.model.optim.Optimizer.Options(
                hrm.model.optim.Optimizer.Kind.ADAM_ATAN2,
                settings.weight_decay,
                0.1,
                settings.beta1,
                settings.beta2,
                0.95),
            settings.puzzle_emb_weight_decay,
            settings.ema,
            false,
            0,
            0);
    try (Learner learner =
        new Learner(
            settings.arch(),
            Weights.random(settings.arch(), settings.seed),
            options,
            backend.open())) {
      int step = resume(learner);
      Window window = new Window();
      long saved = System.nanoTime();
      while (step < settings.steps) {
        step++;
        source.step(step);
        window.add(
            learner.step(
                source,
                source.exploration(),
                new hrm.model.optim.Optimizer.Rates(
                    settings.rate(settings.lr, step),
                    0,
                    settings.rate(settings.puzzle_emb_lr, step))));
        boolean last = step == settings.steps;
        boolean save = last || (System.nanoTime() - saved) / 1e9 > checkpointSeconds;
        if (save) {
          checkpoint(learner, step);
        }
        if (save || window.seconds() > 5) {
          Evaluation evaluation =
              save
                  ? evaluate(
                      learner, last ? heldOut : heldOut.subList(0, Math.min(128, heldOut.size())))
                  : null;
          listener.progress(window.progress(step, settings, evaluation));
          window = new Window();
          saved = save ? System.nanoTime() : saved;
        }
      }
    }
  }

  private Evaluation evaluate(Learner learner, List<Example> examples) {
    Weights weights = learner.weights(true);
    Model model = new Model(folder.getFileName().toString(), settings.arch(), weights, "");
    return Evaluation.of(model, kind, examples, backend, settings.arch().haltMaxSteps());
  }

  private int resume(Learner learner) throws IOException {
    Path file = folder.resolve(CHECKPOINT_FILE);
    if (!Files.exists(file)) {
      return 0;
    }
    Map<String, float[]> snapshot = new LinkedHashMap<>();
    SafeTensors.read(file).forEach((name, tensor) -> snapshot.put(name, tensor.floats()));
    learner.restore(snapshot);
    return (int) snapshot.get("step")[0];
  }

  private void checkpoint(Learner learner, int step) throws IOException {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    learner.snapshot().forEach((name, data) -> tensors.put(name, HostTensor.of(data, data.length)));
    tensors.put("step", HostTensor.of(new float[] {step}, 1));
    SafeTensors.write(folder.resolve(CHECKPOINT_FILE), tensors, Map.of());
    Model.save(folder, learner.weights(true), Map.of("step", Integer.toString(step)));
  }

  /** Sums since the last report. */
  private static final class Window {
    private final long started = System.nanoTime();
    private int steps;
    private int rows;
    private double loss;
    private long cells;
    private long correct;
    private int ended;
    private int exact;
    private long segments;

    void add(Learner.Metrics m) {
      steps++;
      loss += m.loss();
      cells += m.cells();
      correct += m.correctCells();
      ended += m.halted();
      exact += m.exact();
      segments += m.segments();
    }

    double seconds() {
      return (System.nanoTime() - started) / 1e9;
    }

    Progress progress(int step, TrainSettings s, Evaluation heldOut) {
      rows = steps * s.batch;
      double perStep = seconds() / steps;
      return new Progress(
          step,
          s.steps,
          loss / rows,
          (double) correct / Math.max(1, cells),
          (double) exact / Math.max(1, ended),
          (double) segments / Math.max(1, ended),
          rows / seconds(),
          (s.steps - step) * perStep,
          heldOut);
    }
  }
}
