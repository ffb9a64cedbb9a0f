package hrm.model;

import hrm.model.cuda.CudaBackend;
import hrm.model.cuda.CudaOptions;
import hrm.model.cuda.CudaOptions.Joining;
import hrm.model.cuda.CudaOptions.Precision;
import hrm.model.cuda.CudaProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * All checks of the CUDA backend, as a program: it needs a GPU, or the emulated one of the tests,
 * and no JUnit. {@code CudaCheck REPORT.json [all|tiny|memory|sanitize|races]}; ends with status 1
 * on a failure. What needs a device that breaks by the emulation's variables: {@code broken},
 * {@code late}, {@code lost}, {@code two}, {@code choice}.
 */
public final class CudaCheck {
  private final CudaReport report = new CudaReport();

  private CudaCheck() {}

  public static void main(String[] args) throws IOException {
    CudaCheck check = new CudaCheck();
    String mode = args.length > 1 ? args[1] : "all";
    try {
      check.run(mode);
    } catch (RuntimeException | LinkageError e) {
      check.report.failed(mode, e);
    }
    check.report.write(Path.of(args[0]));
    System.exit(check.report.failures() == 0 ? 0 : 1);
  }

  private void run(String mode) {
    report.note("devices", CudaProbe.ask().describe());
    switch (mode) {
      case "broken" -> report.attempt("broken device", () -> new CudaFailures(report).broken());
      case "late" ->
          report.attempt("broken unnoticed", () -> new CudaFailures(report).brokenUnnoticed());
      case "lost" -> report.attempt("lost device", () -> new CudaFailures(report).lost());
      case "two" -> report.attempt("two devices", () -> new CudaFailures(report).otherBreaks());
      case "choice" -> report.attempt("no algorithm", () -> new CudaFailures(report).choiceFails());
      case "memory" -> report.attempt("short of memory", () -> new CudaScarce(report).all());
      case "sanitize" -> {
        for (Precision precision : Precision.values()) {
          report.attempt("units " + precision, () -> units(precision));
        }
        report.attempt("bfloat16", () -> new CudaGoldens(report).bfloat16(false));
      }
      case "races" -> report.attempt("units BFLOAT16", () -> units(Precision.BFLOAT16));
      default -> {
        boolean full = mode.equals("all");
        for (Precision precision : Precision.values()) {
          report.attempt("units " + precision, () -> units(precision));
        }
        report.attempt("golden", () -> new CudaGoldens(report).float32(full));
        report.attempt("bfloat16", () -> new CudaGoldens(report).bfloat16(full));
        report.attempt("graphs", this::graphs);
        report.attempt("batch", this::batchInvariance);
        report.attempt("joined calls", this::joined);
        report.attempt("residuals", this::residuals);
        report.attempt("warm-up", this::warmUp);
        report.attempt("streams", this::hands);
        report.attempt("threads", () -> threads(full ? 20 : 6));
        report.attempt("training", () -> new CudaTraining(report).steps(full));
        if (full) {
          report.attempt("short of memory", () -> new CudaScarce(report).all());
        }
        report.attempt("leak", () -> leak(full ? 10000 : 12));
      }
    }
  }

  static CudaBackend backend(Precision precision, boolean graphs) {
    return backend(precision, graphs, Joining.ALWAYS); // so that every kernel is at work
  }

  private static CudaBackend backend(Precision precision, boolean graphs, Joining joining) {
    return new CudaBackend(
        CudaOptions.standard().withPrecision(precision).withGraphs(graphs).withJoining(joining));
  }

  private void units(Precision precision) {
    CudaBackend backend = backend(precision, true);
    report.note("backend " + precision, backend.describe());
    try (Kernels k = backend.open()) {
      double tolerance = precision == Precision.FLOAT32 ? 2e-5 : 2e-2;
      CudaTrial trial = new CudaTrial(report, k, precision.name(), tolerance);
      new CudaProducts(trial).all();
      new CudaUnits(trial).all();
      slices(k);
      new CudaEnds(trial).all();
    }
    if (precision == Precision.BFLOAT16 && CudaProbe.ask().devices().get(0).hasWarpgroups()) {
      CudaProducts.JOINED.forEach(
          (what, shapes) ->
              report.that(
                  what + " joined",
                  backend.joined(what) == shapes,
                  "%d shapes of %d".formatted(backend.joined(what), shapes)));
    }
    report.that(
        "units " + precision + " free all", backend.blocks() == 0, backend.blocks() + " left");
  }

  /** A part of a part of a block is read and written where it lies. */
  private void slices(Kernels k) {
    Block whole = k.allocateActivation(64);
    float[] values = new float[64];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    whole.write(0, values, 0, 64);
    Block part = whole.slice(16, 32).slice(8, 8);
    part.write(0, new float[] {-1}, 0, 1);
    float[] read = new float[4];
    part.read(2, read, 0, 2);
    whole.read(24, read, 2, 1);
    float[] last = new float[1];
    k.read(List.of(new Reading(part, 7, last, 1)));
    read[3] = last[0];
    report.that("slices", Arrays.equals(new float[] {26, 27, -1, 31}, read), Arrays.toString(read));
    whole.close();
  }

  /** Recorded cycles give the bits of kernels called one by one, over segments and two batches. */
  private void graphs() {
    for (Precision precision : Precision.values()) {
      List<float[]> plain = CudaSession.states(backend(precision, false), 4, 3, 2);
      List<float[]> recorded = CudaSession.states(backend(precision, true), 4, 3, 2);
      boolean same = true;
      for (int i = 0; i < plain.size(); i++) {
        same &= Arrays.equals(plain.get(i), recorded.get(i));
      }
      report.that("graphs " + precision, same, same ? "the same bits" : "other bits");
    }
  }

  /** A sample alone and among others. */
  private void batchInvariance() {
    for (Precision precision : Precision.values()) {
      CudaBackend cuda = backend(precision, true);
      float[] alone = CudaSession.states(cuda, 2, 1).get(0);
      long own = cuda.ownAlgorithms();
      float[] among = Arrays.copyOf(CudaSession.states(cuda, 2, 7).get(0), alone.length);
      boolean same = Arrays.equals(alone, among);
      report.that("batch " + precision, same, same ? "the same bits" : "other bits");
      report.note("products with own algorithms " + precision, own + " of batch 1");
    }
  }

  /** One kernel in the place of several gives their bits, whichever way is faster here. */
  private void joined() {
    float[] expected =
        CudaSession.states(backend(Precision.BFLOAT16, true, Joining.NEVER), 4, 3).get(0);
    for (Joining joining : List.of(Joining.ALWAYS, Joining.MEASURED)) {
      CudaBackend cuda = backend(Precision.BFLOAT16, true, joining);
      boolean same = Arrays.equals(expected, CudaSession.states(cuda, 4, 3).get(0));
      report.that("joined calls " + joining, same, same ? "the same bits" : "other bits");
    }
  }

  /** What comes with the heads is what each cycle left, from a place that others use later. */
  private void residuals() {
    for (Precision precision : Precision.values()) {
      boolean agree = CudaSession.residualsAgree(backend(precision, true), 5, 3);
      report.that("residuals " + precision, agree, agree ? "the same" : "others, read later");
    }
  }

  /** What first segments, traced or not, load, try and decide is there before them. */
  private void warmUp() {
    CudaBackend cuda = backend(Precision.BFLOAT16, true, Joining.MEASURED);
    Weights weights = Fixtures.recipe("tiny_recipe.json");
    Model model = new Model("tiny", weights.config(), weights, "");
    int some = WarmUp.run(model, cuda, 4, Duration.ZERO);
    int all = WarmUp.run(model, cuda, 4, Duration.ofMinutes(5));
    report.that("numbers of rows", some == 2 && all == 4, some + " at once, then " + all);
    report.that("warm-up frees all", cuda.blocks() == 0, cuda.blocks() + " left");
    long before = cuda.prepared();
    try (CudaSession s = new CudaSession(cuda, weights)) {
      for (int rows = 4; rows > 0; rows--) {
        s.begin(rows, 5);
        s.segment();
        s.traced();
      }
      report.that(
          "warm-up",
          before > 0 && cuda.prepared() == before,
          "%d things prepared before, %d after".formatted(before, cuda.prepared()));
    }
  }

  /** Two pairs of halves whose steps alternate on streams of their own. */
  private void hands() {
    CudaBackend cuda = backend(Precision.FLOAT32, true);
    float[] expected = CudaSession.states(cuda, 5, 2).get(0);
    Weights weights = Fixtures.recipe("tiny_recipe.json");
    try (CudaSession a = new CudaSession(cuda, weights);
        CudaSession b = new CudaSession(cuda, weights)) {
      a.begin(2, 5);
      b.begin(2, 5);
      for (int i = 0; i < 5; i++) {
        a.segment();
        b.segment();
      }
      boolean same = Arrays.equals(expected, a.zH()) && Arrays.equals(expected, b.zH());
      report.that("streams", same, same ? "the same bits" : "other bits");
    }
    report.that("streams free all", cuda.blocks() == 0, cuda.blocks() + " left");
  }

  /** As planner and worker of two lanes do: threads of their own on one GPU, at the same time. */
  private void threads(int segments) {
    CudaBackend cuda = backend(Precision.BFLOAT16, true);
    float[] expected = CudaSession.states(cuda, segments, 3).get(0);
    ExecutorService two = Executors.newFixedThreadPool(2);
    try {
      Callable<float[]> one = () -> CudaSession.states(cuda, segments, 3).get(0);
      boolean same = true;
      for (Future<float[]> states : two.invokeAll(List.of(one, one))) {
        same &= Arrays.equals(expected, states.get());
      }
      report.that("threads", same, same ? "the same bits" : "other bits");
    } catch (ExecutionException e) {
      report.failed("threads", e.getCause());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    } finally {
      two.shutdown();
    }
    report.that("threads free all", cuda.blocks() == 0, cuda.blocks() + " left");
  }

  /** Device memory is the same after many segments, and none is left in the end. */
  private void leak(int segments) {
    CudaBackend cuda = backend(Precision.BFLOAT16, true);
    long warm = 0;
    try (CudaSession s = new CudaSession(cuda, Fixtures.recipe("tiny_recipe.json"))) {
      s.begin(4, 5);
      for (int i = 0; i < segments; i++) {
        s.segment();
        warm = i == 9 ? cuda.bytes() : warm;
      }
      report.that(
          "memory over %d segments".formatted(segments),
          cuda.bytes() == warm && cuda.memory().orElseThrow().allocated() == warm,
          "%d bytes, %d after 10".formatted(cuda.bytes(), warm));
    }
    report.that("memory at the end", cuda.blocks() == 0, cuda.blocks() + " blocks left");
  }
}
