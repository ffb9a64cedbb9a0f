package hrm.model.learn;

import hrm.model.Backend;
import hrm.model.Learner;
import hrm.model.Model;
import hrm.model.Weights;
import hrm.model.data.Dataset;
import hrm.model.io.FolderLock;
import hrm.model.optim.Optimizer;
import hrm.model.puzzle.PuzzleKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * One training run: steps, progress, evaluations, checkpoints, exact resume, and in the end a
 * folder with the best weights by validation. Evaluations come by steps, never by time, so that a
 * resumed run takes the same decisions as one left alone.
 */
public final class Training {
  /** What is told while training runs; rates and accuracies since the last report. */
  public record Progress(
      int step,
      int steps,
      double seconds,
      double loss,
      double lmLoss,
      double qHaltLoss,
      double cellAccuracy,
      double exactAccuracy,
      double meanSegments,
      double lr,
      double samplesPerSecond,
      double secondsLeft) {}

  /** Receives what happens, on the training thread. */
  public interface Listener {
    /**
     * Puzzles are being made, before the first step: told after each.
     *
     * @param puzzles made so far
     * @param all that will be made
     */
    default void made(PuzzleKind kind, int puzzles, int all) {}

    void progress(Progress progress);

    /**
     * @param best whether these weights were saved as the best so far
     */
    void evaluated(int step, double seconds, Evaluation evaluation, boolean best);

    /** One line for a person. */
    void note(String text);
  }

  private static final double REPORT_SECONDS = 5;
  private static final String LOCK = "train.lock";

  private final TrainSettings settings;
  private final Path folder;
  private final Backend backend;
  private final Listener listener;
  private volatile boolean stopping;
  private volatile boolean writing; // the run has begun to write into its folder

  public Training(TrainSettings settings, Path folder, Backend backend, Listener listener) {
    this.settings = settings;
    this.folder = folder;
    this.backend = backend;
    this.listener = listener;
  }

  /**
   * Asks the run to write a checkpoint after the current step and return.
   *
   * @return whether it does; false while puzzles are made or read, when there is nothing to write
   *     and nothing will be written, so that nobody needs to wait
   */
  public boolean stop() {
    stopping = true;
    return writing;
  }

  /**
   * Trains to the last step, from the folder's checkpoint where there is one.
   *
   * @param checkpointSeconds between two checkpoints
   * @return whether the run is complete; false when it was stopped
   * @throws IllegalArgumentException when settings, data and checkpoint do not fit each other, or
   *     another run has the folder
   * @throws DivergedException when a loss or a weight is no longer finite; the folder then holds
   *     the last checkpoint and the best model before that
   */
  public boolean run(double checkpointSeconds) throws IOException {
    Files.createDirectories(folder); // what is wrong shows before puzzles are made
    try (FolderLock lock = FolderLock.take(folder, LOCK).orElseThrow(this::inUse)) {
      return runAlone(checkpointSeconds);
    }
  }

  private IllegalArgumentException inUse() {
    return new IllegalArgumentException(
        "another run trains into %s; wait for it, end it, or choose another folder"
            .formatted(folder));
  }

  private boolean runAlone(double checkpointSeconds) throws IOException {
    SameRun run = new SameRun(folder, settings);
    run.checkSettings();
    Weights first =
        Checkpoint.exists(folder)
            ? Weights.random(settings.arch(), settings.seed) // the checkpoint overwrites it
            : settings.begin();
    TrainingData data = TrainingData.of(settings, listener);
    try (Learner learner =
        new Learner(settings.arch(), first, settings.options(), backend.open())) {
      writing = true;
      if (stopping) {
        return false;
      }
      Checkpoint checkpoint =
          Checkpoint.resume(folder, settings, run, data.validationDigest(), learner, listener);
      try (Recorder recorder =
          new Recorder(folder, checkpoint.step, settings, machine(), listener)) {
        run(data, learner, checkpoint, recorder, checkpointSeconds);
      }
      boolean complete = checkpoint.isOver(settings);
      if (complete) {
        listener.note(checkpoint.outcome(settings));
      }
      return complete;
    }
  }

  private String machine() {
    return "%s, %s %s, Java %s"
        .formatted(
            backend.describe(),
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            System.getProperty("java.version"));
  }

  private void run(
      TrainingData data,
      Learner learner,
      Checkpoint checkpoint,
      Recorder recorder,
      double checkpointSeconds)
      throws IOException {
    RowSource source = new RowSource(data.training(), settings);
    Schedule schedule = settings.schedule();
    Window window = new Window(checkpoint.seconds);
    long saved = System.nanoTime();
    while (!checkpoint.isOver(settings) && !stopping) {
      int step = ++checkpoint.step;
      source.step(step);
      Optimizer.Rates rates = schedule.rates(step);
      Schedule.Depth depth = schedule.depth(step);
      Learner.Metrics metrics =
          learner.step(source, source, rates, depth.H_cycles(), depth.L_cycles());
      if (!Double.isFinite(metrics.loss())) {
        throw diverged("the loss is %s at step %d".formatted(metrics.loss(), step));
      }
      window.add(metrics);
      boolean evaluate = step == settings.steps || step % settings.evaluate_every == 0;
      if (evaluate || stopping || window.seconds() > REPORT_SECONDS) {
        recorder.progress(window.progress(step, settings, rates.lr()));
        checkpoint.seconds = window.end();
        if (evaluate) {
          evaluate(learner, data.validation(), checkpoint, recorder);
        }
        window = new Window(checkpoint.seconds);
      }
      if (evaluate || stopping || (System.nanoTime() - saved) / 1e9 > checkpointSeconds) {
        Map<String, float[]> snapshot = learner.snapshot();
        finite(Checkpoint.notFinite(snapshot).map(name -> name + " is not finite"), step);
        checkpoint.write(folder, snapshot);
        recorder.page();
        saved = System.nanoTime();
      }
    }
  }

  private void evaluate(
      Learner learner, Dataset validation, Checkpoint checkpoint, Recorder recorder)
      throws IOException {
    long start = System.nanoTime();
    Weights weights = learner.weights(true).rounded(settings.saveDtype());
    finite(weights.notFinite(), checkpoint.step);
    Model model = new Model(folder.getFileName().toString(), settings.arch(), weights, "");
    Evaluation evaluation =
        Evaluation.of(model, validation, backend, settings.arch().haltMaxSteps());
    boolean best = checkpoint.judge(evaluation);
    if (best) {
      ModelCard.save(folder, settings, weights, checkpoint, evaluation);
    }
    checkpoint.seconds += (System.nanoTime() - start) / 1e9;
    recorder.evaluated(checkpoint.step, checkpoint.seconds, evaluation, best);
  }

  /** The update of a step may break what its loss did not show yet. */
  private void finite(Optional<String> wrong, int step) {
    if (wrong.isPresent()) {
      throw diverged("%s after step %d".formatted(wrong.get(), step));
    }
  }

  private DivergedException diverged(String what) {
    return new DivergedException(
        "%s: training has diverged, and nothing of this was written; lower train.lr (%s) or lengthen train.lr_warmup_steps (%d), then %s"
            .formatted(
                what,
                settings.lr,
                settings.lr_warmup_steps,
                Checkpoint.exists(folder)
                    ? "go on from the checkpoint in " + folder
                    : "train again"));
  }

  /** Sums since the last report. */
  private static final class Window {
    private final double before; // seconds of the run before this window
    private final long started = System.nanoTime();
    private int steps;
    private double loss;
    private double lm;
    private double qHalt;
    private long cells;
    private long correct;
    private int ended;
    private int exact;
    private long segments;

    Window(double before) {
      this.before = before;
    }

    void add(Learner.Metrics m) {
      steps++;
      loss += m.loss();
      lm += m.lm();
      qHalt += m.qHalt();
      cells += m.cells();
      correct += m.correctCells();
      ended += m.halted();
      exact += m.exact();
      segments += m.segments();
    }

    double seconds() {
      return (System.nanoTime() - started) / 1e9;
    }

    double end() {
      return before + seconds();
    }

    Progress progress(int step, TrainSettings s, double lr) {
      double rows = (double) steps * s.batch;
      return new Progress(
          step,
          s.steps,
          end(),
          loss / rows,
          lm / rows,
          qHalt / rows,
          (double) correct / Math.max(1, cells),
          (double) exact / Math.max(1, ended),
          (double) segments / Math.max(1, ended),
          lr,
          rows / seconds(),
          (s.steps - step) * seconds() / steps);
    }
  }
}
