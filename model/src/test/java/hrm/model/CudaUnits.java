package hrm.model;

import hrm.model.host.Host;
import hrm.model.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Every kernel of a GPU against the reference's, on shapes with and without wide accesses. */
final class CudaUnits {
  /** Inputs and outputs of a kernel; activations have the device's working type. */
  private record Data(float[] values, boolean activation) {}

  private interface Call {
    void run(Kernels k, Block[] b);
  }

  private static final float EPS = 1e-5f;

  private final CudaReport report;
  private final Kernels gpu;
  private final Kernels reference = new ReferenceBackend().open();
  private final String precision;
  private final double tolerance;
  private final Random random = new Random(7);

  CudaUnits(CudaReport report, Kernels gpu, String precision, double tolerance) {
    this.report = report;
    this.gpu = gpu;
    this.precision = precision;
    this.tolerance = tolerance;
  }

  void all() {
    for (int[] s : new int[][] {{2, 3, 24, 40}, {1, 5, 16, 11}, {2, 4, 13, 7}, {3, 40, 64, 32}}) {
      products(s[0], s[1], s[2], s[3]);
    }
    for (int n : new int[] {1, 37, 4096, 5000}) {
      elements(n);
    }
    for (int[] s : new int[][] {{5, 7}, {3, 64}, {9, 512}, {4, 97}, {130, 16}}) {
      rows(s[0], s[1]);
    }
    for (int[] s :
        new int[][] {
          {1, 1, 1, 16},
          {2, 17, 2, 16},
          {1, 82, 2, 32},
          {2, 65, 1, 64},
          {1, 150, 1, 128},
          {2, 9, 3, 6},
          {1, 200, 1, 64},
          {1, 20, 1, 256},
          {1, 40, 1, 128}
        }) {
      attention(s[0], s[1], s[2], s[3]);
    }
    for (int[] s : new int[][] {{2, 5, 7}, {1, 33, 65}, {3, 32, 32}}) {
      int n = s[0] * s[1] * s[2];
      check("transpose", s, (k, b) -> k.transpose(b[0], b[1], s[0], s[1], s[2]), act(n), act(n));
    }
    updates(1000);
    for (int[] s : new int[][] {{3, 5, 2, 16, 6}, {2, 300, 1, 40, 11}, {4, 7, 0, 21, 3}}) {
      ends(new Kernels.Look(s[0], s[1], s[2], s[3], s[4]));
    }
  }

  private void products(int batch, int per, int in, int out) {
    int rows = batch * per;
    int[] s = {batch, per, in, out};
    check(
        "linear",
        s,
        (k, b) -> k.linear(b[0], b[1], b[2], batch, per, in, out),
        act(rows * in),
        plain(out * in),
        act(rows * out));
    check(
        "linear to float",
        s,
        (k, b) -> k.linear(b[0], b[1], b[2], batch, per, in, out),
        act(rows * in),
        plain(out * in),
        plain(rows * out));
    for (boolean accumulate : new boolean[] {false, true}) {
      check(
          "linearBackwardInput" + (accumulate ? " accumulated" : ""),
          s,
          (k, b) -> k.linearBackwardInput(b[0], b[1], b[2], rows, in, out, accumulate),
          act(rows * out),
          plain(out * in),
          act(rows * in));
    }
    check(
        "linearBackwardWeight",
        s,
        (k, b) -> k.linearBackwardWeight(b[0], b[1], b[2], rows, in, out),
        act(rows * out),
        act(rows * in),
        plain(out * in));
    check(
        "linearBackwardWeight of floats",
        s,
        (k, b) -> k.linearBackwardWeight(b[0], b[1], b[2], rows, in, out),
        plain(rows * out),
        act(rows * in),
        plain(out * in));
  }

  private void elements(int n) {
    int[] s = {n};
    check("add", s, (k, b) -> k.add(b[0], b[1], b[2], n), act(n), act(n), act(n));
    check("add in place", s, (k, b) -> k.add(b[0], b[1], b[0], n), act(n), act(n));
    check("blend", s, (k, b) -> k.blend(b[0], b[1], n, 2f, 0.5f), plain(n), plain(n));
    check("blend over", s, (k, b) -> k.blend(b[0], b[1], n, 2f, 0f), plain(n), plain(n));
    check("fill", s, (k, b) -> k.fill(b[0], n, 1.5f), act(n));
    check("copy", s, (k, b) -> k.copy(b[0], b[1], n), act(n), act(n));
    check("copy to float", s, (k, b) -> k.copy(b[0], b[1], n), act(n), plain(n));
    check("copy from float", s, (k, b) -> k.copy(b[0], b[1], n), plain(n), act(n));
  }

  private void rows(int rows, int width) {
    int[] s = {rows, width};
    int n = rows * width;
    check(
        "addNorm",
        s,
        (k, b) -> k.addNorm(b[0], b[1], b[2], b[3], rows, width, EPS),
        act(n),
        act(n),
        act(n),
        plain(rows));
    check(
        "addNorm in place",
        s,
        (k, b) -> k.addNorm(b[0], b[1], b[0], null, rows, width, EPS),
        act(n),
        act(n));
    check(
        "addNormMoved",
        s,
        (k, b) -> k.addNormMoved(b[0], b[1], b[2], b[3], b[4], 2, 1, rows, width, EPS),
        act(n),
        act(n),
        act(n),
        act(n),
        plain(5));
    check(
        "addNormMoved of rows",
        s,
        (k, b) -> k.addNormMoved(b[0], b[1], b[2], b[3], b[4], 0, rows, 1, width, EPS),
        act(n),
        act(n),
        act(n),
        act(n),
        plain(rows));
    check(
        "addNormBackward",
        s,
        (k, b) -> k.addNormBackward(b[0], b[1], b[2], b[0], rows, width),
        act(n),
        act(n),
        positive(rows));
    check("swiGlu", s, (k, b) -> k.swiGlu(b[0], b[1], rows, width), act(2 * n), act(n));
    check(
        "swiGluBackward",
        s,
        (k, b) -> k.swiGluBackward(b[0], b[1], b[2], rows, width),
        act(2 * n),
        act(n),
        act(2 * n));
    check(
        "swiGluNorm", s, (k, b) -> k.swiGluNorm(b[0], b[1], rows, width, EPS), act(2 * n), act(n));
    check(
        "swiGluNormBackward",
        s,
        (k, b) -> k.swiGluNormBackward(b[0], b[1], b[2], rows, width, EPS),
        act(2 * n),
        act(n),
        act(2 * n));
    int[] from = new int[rows];
    for (int i = 0; i < rows; i++) {
      from[i] = i % 3 == 0 ? -1 : rows - 1 - i;
    }
    check(
        "gather",
        s,
        (k, b) -> k.gather(b[0], from, b[1], b[2], width),
        act(n),
        plain(width),
        act(n));
    int[] to = new int[rows];
    java.util.Arrays.setAll(to, i -> rows - 1 - i);
    check(
        "distances",
        s,
        (k, b) -> {
          float[] norms = new float[rows];
          k.distances(b[0], b[1], norms, rows, width);
          b[2].write(0, norms, 0, rows);
        },
        act(n),
        act(n),
        plain(rows));
    check("fingerprints", s, (k, b) -> fingerprints(k, b, to, width), act(n), plain(5 * rows));
  }

  /** Hashes in pieces of 16 bits, which a float holds exactly. */
  private static void fingerprints(Kernels k, Block[] b, int[] rows, int width) {
    Fingerprint[] of = k.fingerprints(b[0], rows, width);
    float[] pieces = new float[5 * of.length];
    for (int i = 0; i < of.length; i++) {
      pieces[5 * i] = of[i].norm();
      for (int piece = 0; piece < 4; piece++) {
        pieces[5 * i + 1 + piece] = of[i].hash() >>> 16 * piece & 0xffff;
      }
    }
    b[1].write(0, pieces, 0, pieces.length);
  }

  private void attention(int batch, int per, int heads, int d) {
    int[] s = {batch, per, heads, d};
    int n = batch * per * heads * d;
    for (boolean turned : new boolean[] {true, false}) {
      String what = turned ? "" : " without rope";
      check(
          "attention" + what,
          s,
          (k, b) -> k.attention(b[0], turned ? b[1] : null, b[2], batch, per, heads, d),
          act(3 * n),
          rope(per, d),
          act(n));
      if (per < 100 && n < 9000) {
        check(
            "attentionBackward" + what,
            s,
            (k, b) ->
                k.attentionBackward(b[0], turned ? b[1] : null, b[2], b[3], batch, per, heads, d),
            act(3 * n),
            rope(per, d),
            act(n),
            act(3 * n));
      }
    }
  }

  private void updates(int n) {
    Kernels.AdamStep step = new Kernels.AdamStep(1e-2f, 0.1f, 0.9f, 0.95f, 3);
    int[] s = {n};
    check(
        "adamATan2",
        s,
        (k, b) -> k.adamATan2(b[0], b[1], b[2], b[3], n, step, 0.5f),
        plain(n),
        plain(n),
        plain(n),
        positive(n));
    check(
        "adamW",
        s,
        (k, b) -> k.adamW(b[0], b[1], b[2], b[3], n, step),
        plain(n),
        plain(n),
        plain(n),
        positive(n));
    check("normalise", s, (k, b) -> k.normalise(b[0], n, 1e-7f), plain(n));
    check("average", s, (k, b) -> k.average(b[0], b[1], n, 0.9f), plain(n), plain(n));
  }

  /** A model's two ends: embedding, heads, losses. */
  private void ends(Kernels.Look s) {
    int batch = s.batch();
    int d = s.d();
    int[] shape = {batch, s.length(), s.prefix(), d, s.vocab()};
    int states = batch * s.per() * d;
    int[] tokens = random.ints(batch * s.length(), 0, s.vocab()).toArray();
    boolean[] both = {false, true};
    for (boolean placed : both) {
      check(
          "embed" + (placed ? " with positions" : ""),
          shape,
          (k, b) -> k.embed(b[0], b[1], placed ? b[2] : null, tokens, b[3], s),
          plain(s.vocab() * d),
          plain(Math.max(1, batch * s.prefix() * d)),
          plain(s.per() * d),
          act(states));
      check(
          "embedBackward" + (placed ? " with positions" : ""),
          shape,
          (k, b) -> k.embedBackward(b[0], tokens, b[1], placed ? b[2] : null, s, 0.5f),
          act(states),
          plain(s.vocab() * d),
          plain(s.per() * d));
    }
    int[] ids = new int[batch];
    java.util.Arrays.setAll(ids, b -> b == 1 ? 2 : 0);
    check(
        "signSgd",
        shape,
        (k, b) -> k.signSgd(b[0], ids, b[1], d, d - 3, 0.1f, 0.5f),
        plain(3 * d),
        act(batch * d));
    check(
        "qHead",
        shape,
        (k, b) -> k.qHead(b[0], b[1], b[2], b[3], batch, s.per(), d),
        act(states),
        plain(2 * d),
        plain(2),
        plain(2 * batch));
    check(
        "qHeadBackward",
        shape,
        (k, b) -> k.qHeadBackward(b[0], b[1], b[2], b[3], b[4], b[5], batch, s.per(), d),
        act(states),
        plain(2 * d),
        plain(2 * batch),
        act(states),
        plain(2 * d),
        plain(2));
    int[] labels = random.ints(batch * s.length(), 0, s.vocab()).toArray();
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i % 4 == 1 || i < s.length() && batch > 2 ? Loss.IGNORED : labels[i];
    }
    int cells = batch * s.per() * s.vocab();
    for (Loss.Type type : Loss.Type.values()) {
      for (float smoothing : new float[] {0, 0.1f}) {
        check(
            "cellLoss %s %s".formatted(type, smoothing),
            shape,
            (k, b) ->
                k.cellLoss(b[0], labels, b[1], b[2], new Loss.Cells(type, smoothing, 0.25f), s),
            plain(cells),
            plain(cells),
            plain(3 * batch));
      }
    }
    int[] last = new int[batch];
    last[0] = 1;
    for (boolean goesOn : both) {
      check(
          "haltingLoss" + (goesOn ? "" : " without continue"),
          shape,
          (k, b) -> k.haltingLoss(b[0], b[1], goesOn ? b[2] : null, last, b[3], batch, 0.5f),
          plain(2 * batch),
          new Data(exactInPart(batch), false),
          plain(2 * batch),
          plain(2 * batch));
    }
  }

  /** Loss, correct and counted cells; every second row is exact. */
  private static float[] exactInPart(int batch) {
    float[] seen = new float[3 * batch];
    for (int b = 0; b < batch; b++) {
      seen[3 * b + 1] = 7 + b % 2;
      seen[3 * b + 2] = 8;
    }
    return seen;
  }

  private void check(String name, int[] shape, Call call, Data... data) {
    String at = "%s %s %s".formatted(precision, name, java.util.Arrays.toString(shape));
    try {
      List<float[]> golden = run(reference, call, data);
      List<float[]> ours = run(gpu, call, data);
      double worst = 0;
      for (int i = 0; i < data.length; i++) {
        double largest = 1;
        for (float x : golden.get(i)) {
          largest = Math.max(largest, Math.abs(x));
        }
        for (int j = 0; j < golden.get(i).length; j++) {
          double error = Math.abs(golden.get(i)[j] - ours.get(i)[j]) / largest;
          worst = error <= worst ? worst : error; // NaN counts as worst
        }
      }
      report.within(at, worst, tolerance);
    } catch (RuntimeException e) {
      report.failed(at, e);
    }
  }

  private static List<float[]> run(Kernels k, Call call, Data[] data) {
    Block[] blocks = new Block[data.length];
    for (int i = 0; i < data.length; i++) {
      int n = data[i].values().length;
      blocks[i] = data[i].activation() ? k.allocateActivation(n) : k.allocate(n);
      blocks[i].write(0, data[i].values(), 0, n);
    }
    call.run(k, blocks);
    List<float[]> read = new ArrayList<>();
    for (Block block : blocks) {
      read.add(Host.read(block));
      block.close();
    }
    return read;
  }

  private Data act(int n) {
    return new Data(values(n, -127), true);
  }

  private Data plain(int n) {
    return new Data(values(n, -127), false);
  }

  private Data positive(int n) {
    return new Data(values(n, 1), false);
  }

  /** Multiples of 1/64 below 2: exact in bfloat16. */
  private float[] values(int n, int least) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = random.nextInt(least, 128) / 64f;
    }
    return values;
  }

  private static Data rope(int per, int d) {
    float[] table = new float[2 * per * d];
    for (int p = 0; p < per; p++) {
      for (int i = 0; i < d; i++) {
        double angle = p * Math.pow(10000, -2.0 * (i % (d / 2)) / d);
        table[p * d + i] = (float) Math.cos(angle);
        table[(per + p) * d + i] = (float) Math.sin(angle);
      }
    }
    return new Data(table, false);
  }
}
