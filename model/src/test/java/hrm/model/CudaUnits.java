package hrm.model;

import hrm.model.CudaTrial.Data;

/**
 * The kernels between a model's ends but its products, on shapes with and without wide accesses.
 */
final class CudaUnits {
  private static final float EPS = 1e-5f;

  private final CudaTrial trial;

  CudaUnits(CudaTrial trial) {
    this.trial = trial;
  }

  void all() {
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
          {1, 40, 1, 128},
          {1, 82, 8, 64},
          {2, 97, 1, 64},
          {1, 96, 1, 32},
          {1, 901, 1, 64}
        }) {
      attention(s[0], s[1], s[2], s[3]);
    }
    if (trial.onTensorCores()) {
      attention(3, 82, 8, 64);
      for (int[] s : new int[][] {{3, 82, 8, 64}, {12, 82, 8, 64}, {6, 130, 8, 64}}) {
        attentionAlone(s[0], s[1], s[2], s[3]);
      }
    }
    for (int[] s : new int[][] {{2, 5, 7}, {1, 33, 65}, {3, 32, 32}}) {
      int n = s[0] * s[1] * s[2];
      trial.check(
          "transpose",
          s,
          (k, b) -> k.transpose(b[0], b[1], s[0], s[1], s[2]),
          trial.act(n),
          trial.act(n));
    }
    updates(1000);
  }

  private void elements(int n) {
    int[] s = {n};
    trial.check(
        "add", s, (k, b) -> k.add(b[0], b[1], b[2], n), trial.act(n), trial.act(n), trial.act(n));
    trial.check(
        "add in place", s, (k, b) -> k.add(b[0], b[1], b[0], n), trial.act(n), trial.act(n));
    trial.check(
        "blend", s, (k, b) -> k.blend(b[0], b[1], n, 2f, 0.5f), trial.plain(n), trial.plain(n));
    trial.check(
        "blend over", s, (k, b) -> k.blend(b[0], b[1], n, 2f, 0f), trial.plain(n), trial.plain(n));
    trial.check("fill", s, (k, b) -> k.fill(b[0], n, 1.5f), trial.act(n));
    trial.check("copy", s, (k, b) -> k.copy(b[0], b[1], n), trial.act(n), trial.act(n));
    trial.check("copy to float", s, (k, b) -> k.copy(b[0], b[1], n), trial.act(n), trial.plain(n));
    trial.check(
        "copy from float", s, (k, b) -> k.copy(b[0], b[1], n), trial.plain(n), trial.act(n));
  }

  private void rows(int rows, int width) {
    int[] s = {rows, width};
    int n = rows * width;
    trial.check(
        "addNorm",
        s,
        (k, b) -> k.addNorm(b[0], b[1], b[2], b[3], rows, width, EPS),
        trial.act(n),
        trial.act(n),
        trial.act(n),
        trial.plain(rows));
    trial.check(
        "addNorm in place",
        s,
        (k, b) -> k.addNorm(b[0], b[1], b[0], null, rows, width, EPS),
        trial.act(n),
        trial.act(n));
    trial.check(
        "addNormMoved",
        s,
        (k, b) -> k.addNormMoved(b[0], b[1], b[2], b[3], b[4], 2, 1, rows, width, EPS),
        trial.act(n),
        trial.act(n),
        trial.act(n),
        trial.act(n),
        trial.plain(5));
    trial.check(
        "addNormMoved of rows",
        s,
        (k, b) -> k.addNormMoved(b[0], b[1], b[2], b[3], b[4], 0, rows, 1, width, EPS),
        trial.act(n),
        trial.act(n),
        trial.act(n),
        trial.act(n),
        trial.plain(rows));
    trial.check(
        "addNormBackward",
        s,
        (k, b) -> k.addNormBackward(b[0], b[1], b[2], b[0], rows, width),
        trial.act(n),
        trial.act(n),
        trial.positive(rows));
    trial.check(
        "swiGlu", s, (k, b) -> k.swiGlu(b[0], b[1], rows, width), trial.act(2 * n), trial.act(n));
    trial.check(
        "swiGluBackward",
        s,
        (k, b) -> k.swiGluBackward(b[0], b[1], b[2], rows, width),
        trial.act(2 * n),
        trial.act(n),
        trial.act(2 * n));
    trial.check(
        "swiGluNorm",
        s,
        (k, b) -> k.swiGluNorm(b[0], b[1], rows, width, EPS),
        trial.act(2 * n),
        trial.act(n));
    trial.check(
        "swiGluNormBackward",
        s,
        (k, b) -> k.swiGluNormBackward(b[0], b[1], b[2], rows, width, EPS),
        trial.act(2 * n),
        trial.act(n),
        trial.act(2 * n));
    int[] from = new int[rows];
    for (int i = 0; i < rows; i++) {
      from[i] = i % 3 == 0 ? -1 : rows - 1 - i;
    }
    trial.check(
        "gather",
        s,
        (k, b) -> k.gather(b[0], from, b[1], b[2], width),
        trial.act(n),
        trial.plain(width),
        trial.act(n));
    int[] to = new int[rows];
    java.util.Arrays.setAll(to, i -> rows - 1 - i);
    trial.check(
        "distances",
        s,
        (k, b) -> {
          float[] norms = new float[rows];
          k.distances(b[0], b[1], norms, rows, width);
          b[2].write(0, norms, 0, rows);
        },
        trial.act(n),
        trial.act(n),
        trial.plain(rows));
    trial.check(
        "fingerprints",
        s,
        (k, b) -> fingerprints(k, b, to, width),
        trial.act(n),
        trial.plain(5 * rows));
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
      trial.check(
          "attention" + what,
          s,
          (k, b) -> k.attention(b[0], turned ? b[1] : null, b[2], batch, per, heads, d),
          trial.act(3 * n),
          rope(per, d),
          trial.act(n));
      if (n < 42000) {
        trial.check(
            "attentionBackward" + what,
            s,
            (k, b) ->
                k.attentionBackward(b[0], turned ? b[1] : null, b[2], b[3], batch, per, heads, d),
            trial.act(3 * n),
            rope(per, d),
            trial.act(n),
            trial.act(3 * n));
      }
    }
  }

  /** Blocks are others where samples are few, their numbers are not. */
  private void attentionAlone(int batch, int per, int heads, int d) {
    int n = per * heads * d;
    trial.same(
        "attention alone",
        new int[] {batch, per, heads, d},
        n,
        (k, b) -> k.attention(b[0], b[1], b[2], batch, per, heads, d),
        (k, b) -> k.attention(b[0], b[1], b[2], 1, per, heads, d),
        trial.act(3 * n * batch),
        rope(per, d),
        trial.act(n * batch));
  }

  private void updates(int n) {
    Kernels.AdamStep step = new Kernels.AdamStep(1e-2f, 0.1f, 0.9f, 0.95f, 3);
    int[] s = {n};
    trial.check(
        "adamATan2",
        s,
        (k, b) -> k.adamATan2(b[0], b[1], b[2], b[3], n, step, 0.5f),
        trial.plain(n),
        trial.plain(n),
        trial.plain(n),
        trial.positive(n));
    trial.check(
        "adamW",
        s,
        (k, b) -> k.adamW(b[0], b[1], b[2], b[3], n, step),
        trial.plain(n),
        trial.plain(n),
        trial.plain(n),
        trial.positive(n));
    trial.check("normalise", s, (k, b) -> k.normalise(b[0], n, 1e-7f), trial.plain(n));
    trial.check(
        "average", s, (k, b) -> k.average(b[0], b[1], n, 0.9f), trial.plain(n), trial.plain(n));
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
