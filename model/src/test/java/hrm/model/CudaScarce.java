package hrm.model;

import hrm.model.cuda.CudaBackend;
import hrm.model.cuda.CudaOptions;
import hrm.model.cuda.CudaOptions.Joining;
import hrm.model.cuda.CudaOptions.Precision;
import hrm.model.cuda.CudaProbe;
import hrm.model.io.DType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;

/** What the CUDA backend does with less memory than it would like. */
final class CudaScarce {
  private static final int ROWS = 16;
  private static final int MANY = 32;
  private static final int WORKSPACE = 32 << 20; // of each stream

  private final CudaReport report;
  private final Weights weights = Fixtures.recipe("tiny_recipe.json");
  private final HrmConfig c = weights.config();
  private final long state = 4L * MANY * c.sequence() * c.hiddenSize(); // bytes of many rows

  CudaScarce(CudaReport report) {
    this.report = report;
  }

  void all() {
    report.attempt("parts", this::parts);
    for (Precision precision : Precision.values()) {
      report.attempt("kernels' own, " + precision, () -> kernelsOwn(precision));
    }
    report.attempt("scratch", this::scratch);
    report.attempt("puzzles", this::puzzles);
    report.attempt("ticks", this::ticksStates);
    report.attempt("carry", this::carry);
    report.attempt("streams without room", () -> halves(WORKSPACE / 2, 150));
    report.attempt("weights without room", () -> halves(WORKSPACE + 4096, 20));
    report.attempt("contest", this::contest);
  }

  private static CudaBackend backend(Precision precision, long limit) {
    return new CudaBackend(
        CudaOptions.standard()
            .withPrecision(precision)
            .withJoining(Joining.ALWAYS)
            .withMemory(limit));
  }

  /** With less memory than a batch takes, it is computed in parts, to the same bits. */
  private void parts() {
    CudaBackend ample = backend(Precision.FLOAT32, 0);
    long one = 0;
    long sixteen = 0;
    float[] expected = null;
    for (int batch : new int[] {1, ROWS}) {
      try (CudaSession s = new CudaSession(ample, weights)) {
        s.begin(batch, 5);
        s.segment();
        s.segment();
        one = batch == 1 ? ample.bytes() : one;
        sixteen = ample.bytes();
        expected = s.zH();
      }
    }
    long limit = one + (sixteen - one) * 2 / 3;
    CudaBackend scarce = backend(Precision.FLOAT32, limit);
    try (CudaSession s = new CudaSession(scarce, weights)) {
      s.begin(ROWS, 5);
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

  /** Buffers have room and what kernels need beside them has not: sums of rows, then weights. */
  private void kernelsOwn(Precision precision) {
    int sums = 4 * ROWS * c.sequence();
    float[] expected = new float[ROWS * c.sequence() * c.hiddenSize()];
    CudaBackend ample = backend(precision, 0);
    long wanted = cycle(ample, expected);
    for (int less : new int[] {1, sums + 1}) {
      float[] values = new float[expected.length];
      CudaBackend scarce = backend(precision, wanted - less);
      String what = "%s, %d bytes less than a cycle takes".formatted(precision, less);
      try {
        cycle(scarce, values);
        boolean same = Arrays.equals(expected, values);
        report.that(what, same, same ? "the same bits" : "other bits");
      } catch (DeviceMemoryException e) {
        report.failed(what, e);
      }
      report.that(what + " free all", scarce.blocks() == 0, scarce.blocks() + " left");
    }
  }

  /** The bytes that a worker takes for a cycle, whose z_L it leaves. */
  private long cycle(CudaBackend backend, float[] zL) {
    int[] fresh = new int[ROWS];
    Arrays.fill(fresh, -1);
    try (LowLevel low = new LowLevel(c, weights, backend.open());
        HighLevel high = new HighLevel(c, weights, backend.open());
        Carry carry = high.seat(null, fresh);
        HiddenState after = low.cycle(carry.zL(), carry.zH()).zL()) {
      after.read(zL);
      return backend.bytes();
    }
  }

  /** Scratch that was given up for more, which there is not, is none any more. */
  private void scratch() {
    long used = gathered(backend(Precision.FLOAT32, 0), 1000);
    gathered(backend(Precision.FLOAT32, used + 1000), 1000, 2000, 1000);
  }

  /** Bytes in use after rows in reverse order, of so many numbers in turn. */
  private long gathered(CudaBackend backend, int... counts) {
    try (Kernels k = backend.open()) {
      Block x = k.allocate(2000);
      Block y = k.allocate(2000);
      k.fill(x, 2000, 2);
      for (int count : counts) {
        int[] from = new int[count];
        Arrays.setAll(from, i -> count - 1 - i);
        float[] read = new float[count];
        try {
          k.gather(x, from, null, y, 1);
          y.read(0, read, 0, count);
          report.that("gather of " + count, read[count - 1] == 2, read[count - 1] + " of 2");
        } catch (DeviceMemoryException e) {
          report.that("gather of " + count, count == 2000, e.getMessage());
        }
      }
      return backend.bytes();
    }
  }

  /** The same of the puzzles' own vectors. */
  private void puzzles() {
    CudaBackend ample = backend(Precision.FLOAT32, 0);
    float[] expected = new float[c.sequence() * c.hiddenSize()];
    float[] actual = new float[expected.length];
    long used = withHigh(ample, high -> embedBeforeMany(high, expected));
    CudaBackend scarce = backend(Precision.FLOAT32, used + 1000);
    withHigh(
        scarce,
        high -> {
          embedBeforeMany(high, actual);
          boolean fits = fits(() -> high.embed(new int[64][c.seqLen()], new int[64]));
          report.that("puzzles of 64 rows", !fits, "have room: " + fits);
          Arrays.fill(actual, 0);
          embed(high, actual);
          boolean same = Arrays.equals(expected, actual);
          report.that("puzzles of 1 row after them", same, same ? "the same bits" : "other bits");
        });
  }

  /** One row is embedded, and there is a state for 64. */
  private void embedBeforeMany(HighLevel high, float[] values) {
    int[] fresh = new int[64];
    Arrays.fill(fresh, -1);
    high.seat(null, fresh).close();
    embed(high, values);
  }

  private void embed(HighLevel high, float[] values) {
    try (HiddenState one = high.embed(new int[1][c.seqLen()], new int[1])) {
      one.read(values);
    }
  }

  private long withHigh(CudaBackend backend, Consumer<HighLevel> work) {
    try (HighLevel high = new HighLevel(c, weights, backend.open())) {
      work.accept(high);
      return backend.bytes();
    }
  }

  private static boolean fits(Runnable work) {
    try {
      work.run();
      return true;
    } catch (DeviceMemoryException e) {
      return false;
    }
  }

  /** The first states of a cycle are there again when there was no room for the last. */
  private void ticksStates() {
    HiddenState z =
        HiddenState.packed(
            MANY, c.sequence(), c.hiddenSize(), DType.F32, ByteBuffer.allocate((int) state));
    CudaBackend ample = backend(Precision.FLOAT32, 0);
    long used;
    try (LowLevel low = new LowLevel(c, weights, ample.open())) {
      low.resident(z);
      used = ample.bytes();
    }
    CudaBackend scarce = backend(Precision.FLOAT32, used + state * 29 / 10);
    try (LowLevel low = new LowLevel(c, weights, scarce.open())) {
      HiddenState here = low.resident(z);
      report.that("three ticks", !fits(() -> low.ticks(here, here, 3)), "have no room");
      report.that("one tick after them", fits(() -> low.ticks(here, here, 1)), "has room");
    }
  }

  /** One half of a carry is there again when there was no room for the other. */
  private void carry() {
    int[] fresh = new int[MANY];
    Arrays.fill(fresh, -1);
    long used = withHigh(backend(Precision.FLOAT32, 0), high -> {});
    withHigh(
        backend(Precision.FLOAT32, used + state * 3 / 2),
        high -> {
          report.that("a carry", !fits(() -> high.seat(null, fresh)), "has no room");
          boolean fits = fits(() -> high.embed(new int[MANY][c.seqLen()], new int[MANY]));
          report.that("inputs after it", fits, "have room: " + fits);
        });
  }

  /**
   * Halves that have no room leave nothing behind: the emulated GPU has few streams and handles.
   */
  private void halves(long limit, int times) {
    Model model = new Model("tiny", c, weights, "");
    CudaBackend scarce = backend(Precision.FLOAT32, limit);
    boolean fit = false;
    for (int i = 0; i < times; i++) {
      fit |= fits(() -> model.highLevel(scarce)) || fits(() -> model.lowLevel(scarce));
    }
    report.that(
        "halves in %d bytes".formatted(limit),
        !fit && scarce.blocks() == 0,
        scarce.blocks() + " blocks left");
  }

  /** Whether one kernel may stand for some calls is tried once there is room for that. */
  private void contest() {
    if (!CudaProbe.ask().devices().get(0).hasWarpgroups()) {
      return;
    }
    CudaBackend ample = backend(Precision.BFLOAT16, 0);
    CudaBackend scarce = backend(Precision.BFLOAT16, products(ample, 1) + 1000);
    products(scarce, 4);
    report.that(
        "contests", ample.joined("linear") == 1 && scarce.joined("linear") == 1, "held at last");
  }

  /** The bytes that products take, of which the last one comes with room. */
  private long products(CudaBackend backend, int calls) {
    int n = 64;
    try (Kernels k = backend.open()) {
      Block x = k.allocateActivation(n * n);
      Block w = k.allocateActivation(n * n);
      Block y = k.allocateActivation(n * n);
      Block others = k.allocate(64 << 10);
      k.fill(x, n * n, 1);
      k.fill(w, n * n, 1);
      Block[] reads = {x, w};
      Block[] writes = {y};
      for (int call = 1; call <= calls; call++) {
        if (call > 1 && call == calls) {
          report.that("contests before", backend.joined("linear") == 0, "none won");
          others.close();
        }
        k.replay("products", n, reads, writes, () -> k.linear(x, w, y, 1, n, n, n));
        float[] read = new float[1];
        y.read(n * n - 1, read, 0, 1);
        report.that("product " + call, read[0] == n, read[0] + " of " + n);
      }
      return backend.bytes();
    }
  }
}
