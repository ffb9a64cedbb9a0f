package hrm.model;

import com.google.gson.JsonArray;
import hrm.model.cuda.CudaBackend;
import hrm.model.cuda.CudaOptions;
import hrm.model.cuda.CudaOptions.Precision;
import hrm.model.cuda.CudaProbe;
import hrm.model.optim.Optimizer;
import hrm.model.reference.ReferenceBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * All checks of the CUDA backend, as a program: it needs a GPU, or the emulated one of the tests,
 * and no JUnit. {@code CudaCheck REPORT.json [all|tiny|memory|broken|sanitize]}; ends with status 1
 * on a failure.
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
      case "broken" -> attempt("broken device", this::broken);
      case "memory" -> attempt("short of memory", this::shortOfMemory);
      case "sanitize" -> {
        for (Precision precision : Precision.values()) {
          attempt("units " + precision, () -> units(precision));
        }
        attempt("bfloat16", () -> bfloat16(false));
      }
      default -> {
        boolean full = mode.equals("all");
        for (Precision precision : Precision.values()) {
          attempt("units " + precision, () -> units(precision));
        }
        attempt("golden", () -> goldens(full));
        attempt("bfloat16", () -> bfloat16(full));
        attempt("graphs", this::graphs);
        attempt("batch", this::batchInvariance);
        attempt("streams", this::hands);
        attempt("training", () -> training(full));
        attempt("short of memory", this::shortOfMemory);
        attempt("leak", () -> leak(full ? 10000 : 12));
      }
    }
  }

  private void attempt(String what, Runnable check) {
    long begun = System.nanoTime();
    try {
      check.run();
      report.note(what + " took", "%.1f s".formatted((System.nanoTime() - begun) / 1e9));
    } catch (RuntimeException | LinkageError e) {
      report.failed(what, e);
    }
  }

  static CudaBackend backend(Precision precision, boolean graphs) {
    return new CudaBackend(CudaOptions.standard().withPrecision(precision).withGraphs(graphs));
  }

  private void units(Precision precision) {
    CudaBackend backend = backend(precision, true);
    report.note("backend " + precision, backend.describe());
    try (Kernels k = backend.open()) {
      new CudaUnits(report, k, precision.name(), precision == Precision.FLOAT32 ? 2e-5 : 2e-2)
          .all();
    }
    report.that(
        "units " + precision + " free all", backend.blocks() == 0, backend.blocks() + " left");
  }

  private void goldens(boolean full) {
    CudaBackend cuda = backend(Precision.FLOAT32, true);
    golden(cuda, "tiny_recipe.json", "tiny_eval", 4, 1, 5e-5, 5e-5, 5e-5, 5e-5);
    golden(cuda, "trm_tiny_mlp.json", "trm_tiny_mlp_eval", 4, 1, 1e-4, 2e-3);
    golden(cuda, "trm_tiny_att.json", "trm_tiny_att_eval", 4, 1, 5e-5, 5e-5);
    ticks(cuda, "tiny_recipe.json", "tiny_eval", 4, 1e-3);
    if (full) {
      golden(cuda, "full_recipe.json", "full_eval", 2, 61, 3e-5, 1e-4, 3e-4, 1e-3);
      ticks(cuda, "full_recipe.json", "full_eval", 2, 2e-2);
    }
    report.that("goldens free all", cuda.blocks() == 0, cuda.blocks() + " left");
  }

  /** Carry and heads after each segment. */
  private void golden(
      Backend backend, String recipe, String name, int batch, int stride, double... tolerances) {
    Weights weights = Fixtures.recipe(recipe);
    Fixtures golden = Fixtures.safetensors(name + ".safetensors");
    try (Session s = new Session(backend, weights)) {
      s.begin(golden, batch);
      for (int i = 0; i < tolerances.length; i++) {
        Heads heads = s.segment().heads();
        String at = backend.name() + " " + name + " seg" + i;
        String key = "seg" + i + ".";
        String suffix = stride == 1 ? "" : "_stride" + stride;
        report.within(
            at + " z_H", worst(golden.get(key + "z_H" + suffix), s.zH(), stride), tolerances[i]);
        report.within(
            at + " z_L", worst(golden.get(key + "z_L" + suffix), s.zL(), stride), tolerances[i]);
        report.within(
            at + " logits", worst(golden.get(key + "logits"), heads.logits(), 1), tolerances[i]);
        report.within(
            at + " q_halt", worst(golden.get(key + "q_halt"), heads.qHalt(), 1), tolerances[i]);
      }
    }
  }

  /** How far the states move in each call. */
  private void ticks(Backend backend, String recipe, String name, int batch, double tolerance) {
    JsonArray records = Fixtures.json(name + "_ticks.json").getAsJsonArray("ticks");
    double[] worst = {0};
    int[] at = {0};
    try (Session s = new Session(backend, Fixtures.recipe(recipe))) {
      s.begin(Fixtures.safetensors(name + ".safetensors"), batch);
      for (int i = 0; i < 4; i++) {
        s.segment(
            (ticks, before, after) -> {
              List<float[]> all = new ArrayList<>(List.of(ticks.residuals()));
              all.add(s.high.residuals(before, after));
              for (float[] residuals : all) {
                JsonArray golden =
                    records.get(at[0]++).getAsJsonObject().getAsJsonArray("residual");
                for (int b = 0; b < residuals.length; b++) {
                  double error = Math.abs(golden.get(b).getAsDouble() - residuals[b]);
                  worst[0] = error <= worst[0] ? worst[0] : error;
                }
              }
            });
      }
    }
    report.within(name + " residuals", worst[0], tolerance);
    report.that(name + " ticks", at[0] == records.size(), at[0] + " of " + records.size());
  }

  /**
   * The first segment in bfloat16: random weights amplify each rounding about threefold a segment.
   */
  private void bfloat16(boolean full) {
    CudaBackend cuda = backend(Precision.BFLOAT16, true);
    relative(cuda, "tiny_recipe.json", "tiny_eval", 4, 1, 0.1);
    relative(cuda, "trm_tiny_mlp.json", "trm_tiny_mlp_eval", 4, 1, 0.25);
    relative(cuda, "trm_tiny_att.json", "trm_tiny_att_eval", 4, 1, 0.1);
    if (full) {
      relative(cuda, "full_recipe.json", "full_eval", 2, 61, 0.1);
    }
  }

  private void relative(
      Backend backend, String recipe, String name, int batch, int stride, double tolerance) {
    Fixtures golden = Fixtures.safetensors(name + ".safetensors");
    try (Session s = new Session(backend, Fixtures.recipe(recipe))) {
      s.begin(golden, batch);
      s.segment();
      double[] expected = golden.get("seg0.z_H" + (stride == 1 ? "" : "_stride" + stride));
      float[] ours = s.zH();
      double error = 0;
      double size = 0;
      for (int i = 0; i < expected.length; i++) {
        error += Math.pow(expected[i] - ours[i * stride], 2);
        size += expected[i] * expected[i];
      }
      report.within("bf16 " + name + " rms of z_H", Math.sqrt(error / size), tolerance);
    }
  }

  /** Recorded cycles give the bits of kernels called one by one, over segments and two batches. */
  private void graphs() {
    for (Precision precision : Precision.values()) {
      List<float[]> plain = states(backend(precision, false), 4, 3, 2);
      List<float[]> recorded = states(backend(precision, true), 4, 3, 2);
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
      float[] alone = states(cuda, 2, 1).get(0);
      long own = cuda.ownAlgorithms();
      float[] among = Arrays.copyOf(states(cuda, 2, 7).get(0), alone.length);
      boolean same = Arrays.equals(alone, among);
      report.that("batch " + precision, same, same ? "the same bits" : "other bits");
      report.note("products with own algorithms " + precision, own + " of batch 1");
    }
  }

  /** z_H after some segments, for each of some batch sizes in turn. */
  private static List<float[]> states(Backend backend, int segments, int... batches) {
    List<float[]> states = new ArrayList<>();
    try (Session s = new Session(backend, Fixtures.recipe("tiny_recipe.json"))) {
      for (int batch : batches) {
        s.begin(batch, 5);
        for (int i = 0; i < segments; i++) {
          s.segment();
        }
        states.add(s.zH());
      }
    }
    return states;
  }

  /** Two pairs of halves whose steps alternate on streams of their own. */
  private void hands() {
    CudaBackend cuda = backend(Precision.FLOAT32, true);
    float[] expected = states(cuda, 5, 2).get(0);
    Weights weights = Fixtures.recipe("tiny_recipe.json");
    try (Session a = new Session(cuda, weights);
        Session b = new Session(cuda, weights)) {
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

  /** Three steps against the reference's, with exponential average and the whole last cycle. */
  private void training(boolean full) {
    Weights mixer = Fixtures.recipe("trm_tiny_mlp.json");
    Weights attention = Fixtures.recipe("tiny_recipe.json");
    compareTraining("muon mixer", mixer, Optimizer.Kind.MUON, true);
    compareTraining("adam-atan2 attention", attention, Optimizer.Kind.ADAM_ATAN2, false);
    if (full) {
      compareTraining("adam-atan2 mixer", mixer, Optimizer.Kind.ADAM_ATAN2, true);
      compareTraining("muon attention", attention, Optimizer.Kind.MUON, false);
      compareTraining("adamw attention", attention, Optimizer.Kind.ADAMW, true);
    }
  }

  private void compareTraining(
      String what, Weights weights, Optimizer.Kind kind, boolean lastCycle) {
    List<Double> losses = new ArrayList<>();
    Weights golden = train(new ReferenceBackend(), weights, kind, lastCycle, losses);
    List<Double> ours = new ArrayList<>();
    CudaBackend cuda = backend(Precision.FLOAT32, true);
    Weights trained = train(cuda, weights, kind, lastCycle, ours);
    for (int i = 0; i < losses.size(); i++) {
      report.within(
          what + " loss of step " + (i + 1), Math.abs(losses.get(i) / ours.get(i) - 1), 0.01);
    }
    double off = 0;
    double moved = 0;
    for (String name : golden.tensors().keySet()) {
      float[] to = golden.get(name);
      float[] from = weights.get(name);
      float[] got = trained.get(name);
      for (int i = 0; i < to.length; i++) {
        off += Math.pow(to[i] - got[i], 2);
        moved += Math.pow(to[i] - from[i], 2);
      }
    }
    report.within(what + " update, relative", Math.sqrt(off / moved), 0.05);
    report.that(what + " frees all", cuda.blocks() == 0, cuda.blocks() + " left");
    List<Double> half = new ArrayList<>();
    train(backend(Precision.BFLOAT16, true), weights, kind, lastCycle, half);
    for (int i = 0; i < losses.size(); i++) {
      report.within(
          what + " bf16 loss of step " + (i + 1), Math.abs(losses.get(i) / half.get(i) - 1), 0.15);
    }
  }

  private static Weights train(
      Backend backend,
      Weights weights,
      Optimizer.Kind kind,
      boolean lastCycle,
      List<Double> losses) {
    HrmConfig c = weights.config();
    Learner.Options options =
        new Learner.Options(
            3,
            2,
            Loss.Type.STABLEMAX,
            0.1,
            lastCycle,
            new Optimizer.Options(kind, 0.1, 0.1, 0.9, 0.95, 0.95),
            0.1,
            0.9,
            false,
            0,
            1);
    Random random = new Random(3);
    try (Learner learner = new Learner(c, weights, options, backend.open())) {
      for (int step = 0; step < 3; step++) {
        Learner.Metrics metrics =
            learner.step(
                (row, inputs, labels) -> {
                  for (int i = 0; i < inputs.length; i++) {
                    inputs[i] = random.nextInt(c.vocabSize());
                    labels[i] = random.nextInt(c.vocabSize());
                  }
                  return 0;
                },
                new Learner.Exploration() {
                  @Override
                  public double uniform(int row) {
                    return 1;
                  }

                  @Override
                  public int minimum(int row) {
                    return 2;
                  }
                },
                new Optimizer.Rates(1e-3, 1e-3, 1e-3));
        losses.add(metrics.loss());
      }
      return learner.weights(true);
    }
  }

  /** Device memory is the same after many segments, and none is left in the end. */
  private void leak(int segments) {
    CudaBackend cuda = backend(Precision.BFLOAT16, true);
    long warm = 0;
    try (Session s = new Session(cuda, Fixtures.recipe("tiny_recipe.json"))) {
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

  /** With less memory than a batch takes, it is computed in parts, to the same bits. */
  private void shortOfMemory() {
    Weights weights = Fixtures.recipe("tiny_recipe.json");
    CudaBackend ample = backend(Precision.FLOAT32, true);
    long one = 0;
    long sixteen = 0;
    float[] expected = null;
    for (int batch : new int[] {1, 16}) {
      try (Session s = new Session(ample, weights)) {
        s.begin(batch, 5);
        s.segment();
        s.segment();
        one = batch == 1 ? ample.bytes() : one;
        sixteen = ample.bytes();
        expected = s.zH();
      }
    }
    long limit = one + (sixteen - one) * 2 / 3;
    CudaBackend scarce =
        new CudaBackend(CudaOptions.standard().withPrecision(Precision.FLOAT32).withMemory(limit));
    try (Session s = new Session(scarce, weights)) {
      s.begin(16, 5);
      s.segment();
      s.segment();
      boolean same = Arrays.equals(expected, s.zH());
      report.that("short of memory", same, same ? "the same bits" : "other bits");
      report.that(
          "in parts",
          scarce.bytes() <= limit && limit < sixteen,
          "%d bytes of %d allowed, %d wanted".formatted(scarce.bytes(), limit, sixteen));
    }
    report.that("parts free all", scarce.blocks() == 0, scarce.blocks() + " left");
  }

  /** After a device error everything opened before fails clearly, and what is opened next works. */
  private void broken() {
    CudaBackend cuda = backend(Precision.FLOAT32, true);
    String said = "nothing";
    try {
      for (int i = 0; i < 100; i++) {
        states(cuda, 2, 2);
      }
    } catch (BrokenDeviceException e) {
      said = e.getMessage();
    }
    report.that("the error names the call", said.contains("(700)") && said.contains("cu"), said);
    float[] again = states(cuda, 2, 2).get(0);
    float[] fresh = states(backend(Precision.FLOAT32, false), 2, 2).get(0);
    boolean same = Arrays.equals(again, fresh);
    report.that("after a reset", same, same ? "the same bits" : "other bits");
  }

  private static double worst(double[] golden, float[] ours, int stride) {
    double worst = golden.length == (ours.length + stride - 1) / stride ? 0 : Double.NaN;
    for (int i = 0; i < golden.length && !Double.isNaN(worst); i++) {
      double error = Math.abs(golden[i] - ours[i * stride]);
      worst = error <= worst ? worst : error;
    }
    return worst;
  }

  /** Both halves of a model on one backend, and a carry. */
  private static final class Session implements AutoCloseable {
    final HighLevel high;
    final LowLevel low;
    private final HrmConfig c;
    private final Hrm hrm;
    private Carry carry;
    private HiddenState inputs;

    Session(Backend backend, Weights weights) {
      c = weights.config();
      high = new HighLevel(c, weights, backend.open());
      low = new LowLevel(c, weights, backend.open());
      hrm = new Hrm(high, low, c);
    }

    void begin(Fixtures golden, int batch) {
      Fixtures of =
          golden.arrays().containsKey("batch.inputs")
              ? golden
              : Fixtures.safetensors("tiny_eval.safetensors");
      begin(of.rows("batch.inputs", batch), of.ints("batch.puzzle_identifiers"), batch);
    }

    /** Inputs by a seed; row i is the same in every batch. */
    void begin(int batch, long seed) {
      Random random = new Random(seed);
      int[][] tokens = new int[batch][c.seqLen()];
      for (int[] row : tokens) {
        Arrays.setAll(row, i -> random.nextInt(c.vocabSize()));
      }
      begin(tokens, new int[batch], batch);
    }

    private void begin(int[][] tokens, int[] ids, int batch) {
      end();
      int[] fresh = new int[batch];
      Arrays.fill(fresh, -1);
      carry = high.seat(null, fresh);
      inputs = high.embed(tokens, ids);
    }

    Hrm.Segment segment() {
      return segment((ticks, before, after) -> {});
    }

    Hrm.Segment segment(Hrm.Observer observer) {
      Hrm.Segment segment = hrm.segment(carry, inputs, observer);
      carry.close();
      carry = segment.carry();
      return segment;
    }

    float[] zH() {
      return read(carry.zH());
    }

    float[] zL() {
      return read(carry.zL());
    }

    private static float[] read(HiddenState z) {
      float[] values = new float[z.batch() * z.sequence() * z.hidden()];
      z.read(values);
      return values;
    }

    private void end() {
      if (carry != null) {
        carry.close();
        inputs.close();
      }
    }

    @Override
    public void close() {
      end();
      high.close();
      low.close();
    }
  }
}
