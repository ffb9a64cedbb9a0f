package hrm.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import hrm.model.reference.ReferenceBackend;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Each kernel against finite differences (reference) and against the reference (ND4J). */
class KernelsTest {
  private static final int BATCH = 3;
  private static final int S = 5;
  private static final int HEADS = 2;
  private static final int D = 4;
  private static final int WIDTH = HEADS * D;
  private static final int ROWS = BATCH * S;

  private final Kernels reference = new ReferenceBackend().open();
  private final Kernels nd4j = GoldenTest.ND4J.open();

  /** A kernel from one input block to one output block. */
  private interface Forward {
    void run(Kernels k, Block x, Block y);
  }

  /** Its gradient: dx from x, y and dy. */
  private interface Backward {
    void run(Kernels k, Block x, Block y, Block dy, Block dx);
  }

  private static float[] random(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static Block block(Kernels k, float[] values) {
    Block block = k.allocate(values.length);
    block.write(0, values, 0, values.length);
    return block;
  }

  private static float[] host(Block block) {
    float[] values = new float[(int) block.length()];
    block.read(0, values, 0, values.length);
    return values;
  }

  /** Checks the reference's gradient by central differences, then ND4J's against it. */
  private void check(int nX, int nY, Forward forward, Backward backward) {
    float[] x = random(nX, 1);
    float[] dy = random(nY, 2);
    float[] gradient = gradient(reference, x, dy, nY, forward, backward);
    float h = 1e-2f;
    for (int i = 0; i < nX; i++) {
      float[] plus = x.clone();
      float[] minus = x.clone();
      plus[i] += h;
      minus[i] -= h;
      double slope =
          (dot(run(reference, plus, nY, forward), dy) - dot(run(reference, minus, nY, forward), dy))
              / ((double) plus[i] - minus[i]);
      assertEquals(slope, gradient[i], 2e-3 * (1 + Math.abs(slope)), "element " + i);
    }
    assertArrayEquals(run(reference, x, nY, forward), run(nd4j, x, nY, forward), 1e-5f);
    assertArrayEquals(gradient, gradient(nd4j, x, dy, nY, forward, backward), 1e-5f);
  }

  private static float[] run(Kernels k, float[] x, int nY, Forward forward) {
    Block y = k.allocate(nY);
    forward.run(k, block(k, x), y);
    return host(y);
  }

  private static float[] gradient(
      Kernels k, float[] x, float[] dy, int nY, Forward forward, Backward backward) {
    Block in = block(k, x);
    Block y = k.allocate(nY);
    forward.run(k, in, y);
    Block dx = k.allocate(x.length);
    backward.run(k, in, y, block(k, dy), dx);
    return host(dx);
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  @Test
  void linear_gradientOfInput_isFiniteDifference() {
    float[] w = random(7 * WIDTH, 3);
    check(
        ROWS * WIDTH,
        ROWS * 7,
        (k, x, y) -> k.linear(x, block(k, w), y, BATCH, S, WIDTH, 7),
        (k, x, y, dy, dx) -> k.linearBackwardInput(dy, block(k, w), dx, ROWS, WIDTH, 7, false));
  }

  @Test
  void linear_gradientOfWeight_isFiniteDifference() {
    float[] in = random(ROWS * WIDTH, 3);
    check(
        7 * WIDTH,
        ROWS * 7,
        (k, w, y) -> k.linear(block(k, in), w, y, BATCH, S, WIDTH, 7),
        (k, w, y, dy, dw) -> k.linearBackwardWeight(dy, block(k, in), dw, ROWS, WIDTH, 7));
  }

  @Test
  void addNorm_gradient_isFiniteDifference() {
    float[] r = random(ROWS * WIDTH, 3);
    check(
        ROWS * WIDTH,
        ROWS * WIDTH,
        (k, x, y) -> k.addNorm(x, block(k, r), y, null, ROWS, WIDTH, 1e-5f),
        (k, x, y, dy, dx) -> {
          Block inverse = k.allocate(ROWS);
          k.addNorm(x, block(k, r), y, inverse, ROWS, WIDTH, 1e-5f);
          k.addNormBackward(dy, y, inverse, dx, ROWS, WIDTH);
        });
  }

  @Test
  void swiGlu_gradient_isFiniteDifference() {
    check(
        ROWS * 2 * WIDTH,
        ROWS * WIDTH,
        (k, x, y) -> k.swiGlu(x, y, ROWS, WIDTH),
        (k, x, y, dy, dx) -> k.swiGluBackward(x, dy, dx, ROWS, WIDTH));
  }

  @Test
  void swiGluNorm_gradient_isFiniteDifference() {
    check(
        ROWS * 2 * WIDTH,
        ROWS * WIDTH,
        (k, x, y) -> k.swiGluNorm(x, y, ROWS, WIDTH, 1e-5f),
        (k, x, y, dy, dx) -> k.swiGluNormBackward(x, dy, dx, ROWS, WIDTH, 1e-5f));
  }

  @Test
  void attention_withoutPositions_gradientIsFiniteDifference() {
    check(
        ROWS * 3 * WIDTH,
        ROWS * WIDTH,
        (k, x, y) -> k.attention(x, null, y, BATCH, S, HEADS, D),
        (k, x, y, dy, dx) -> k.attentionBackward(x, null, dy, dx, BATCH, S, HEADS, D));
  }

  @Test
  void attention_withRope_gradientIsFiniteDifference() {
    float[] rope = new float[2 * S * D];
    for (int p = 0; p < S; p++) {
      for (int i = 0; i < D; i++) {
        rope[p * D + i] = (float) Math.cos(p * (i % 2 + 0.3));
        rope[S * D + p * D + i] = (float) Math.sin(p * (i % 2 + 0.3));
      }
    }
    check(
        ROWS * 3 * WIDTH,
        ROWS * WIDTH,
        (k, x, y) -> k.attention(x, block(k, rope), y, BATCH, S, HEADS, D),
        (k, x, y, dy, dx) -> k.attentionBackward(x, block(k, rope), dy, dx, BATCH, S, HEADS, D));
  }

  @Test
  void adamW_threeSteps_isTheFormula() {
    float[] p = random(9, 1);
    for (Kernels k : new Kernels[] {reference, nd4j, new hrm.model.nd4j.ArrayBackend().open()}) {
      Block value = block(k, p);
      Block m = k.allocate(9);
      Block v = k.allocate(9);
      double[] x = new double[9];
      double[] first = new double[9];
      double[] second = new double[9];
      Arrays.setAll(x, i -> p[i]);
      for (int t = 1; t <= 3; t++) {
        float[] g = random(9, 10 + t);
        k.adamW(value, block(k, g), m, v, 9, new Kernels.AdamStep(0.01f, 0.1f, 0.9f, 0.95f, t));
        for (int i = 0; i < 9; i++) {
          first[i] = 0.9 * first[i] + 0.1 * g[i];
          second[i] = 0.95 * second[i] + 0.05 * g[i] * g[i];
          double mean = first[i] / (1 - Math.pow(0.9, t));
          double root = Math.sqrt(second[i] / (1 - Math.pow(0.95, t)));
          x[i] = x[i] * (1 - 0.01 * 0.1) - 0.01 * mean / (root + 1e-8);
          assertEquals(x[i], host(value)[i], 1e-6, "step " + t);
        }
      }
    }
  }

  @Test
  void blend_intoItself_scales() {
    for (Kernels k : new Kernels[] {reference, nd4j, new hrm.model.nd4j.ArrayBackend().open()}) {
      Block x = block(k, new float[] {1, 2});
      Block y = block(k, new float[] {10, 20});
      k.blend(x, y, 2, 3, 0.5f);
      assertArrayEquals(new float[] {8, 16}, host(y));
      k.blend(y, y, 2, 0, 0.25f);
      assertArrayEquals(new float[] {2, 4}, host(y));
    }
  }

  @Test
  void transpose_twice_isTheInput() {
    for (Kernels k : new Kernels[] {reference, nd4j}) {
      float[] x = random(ROWS * WIDTH, 1);
      Block y = k.allocate(x.length);
      Block z = k.allocate(x.length);
      k.transpose(block(k, x), y, BATCH, S, WIDTH);
      k.transpose(y, z, BATCH, WIDTH, S);
      assertArrayEquals(x, host(z));
      assertEquals(x[1], host(y)[S], "column 1 of row 0 becomes row 1");
    }
  }

  @Test
  void gather_minusOne_takesTheFallback() {
    for (Kernels k : new Kernels[] {reference, nd4j}) {
      Block y = k.allocate(8);
      k.gather(
          block(k, new float[] {1, 2, 3, 4, 5, 6, 7, 8}),
          new int[] {1, -1},
          block(k, new float[] {9, 10}),
          y,
          4);
      assertArrayEquals(new float[] {5, 6, 7, 8, 9, 10, 9, 10}, host(y));
    }
  }

  @Test
  void segment_ofOneSample_hasTheSameBitsInAnyBatchAndAtAnyPlace() {
    Weights weights = Fixtures.recipe("full_recipe.json");
    HrmConfig c = weights.config();
    int[][] tokens = Fixtures.safetensors("full_eval.safetensors").rows("batch.inputs", 2);
    float[] alone = zH(c, weights, new int[][] {tokens[0]}, 0);
    int[][] crowd = {tokens[1], tokens[1], tokens[0], tokens[1], tokens[1]};
    assertArrayEquals(alone, zH(c, weights, crowd, 2), 0f);
    assertArrayEquals(alone, zH(c, weights, tokens, 0), 0f);
  }

  private static float[] zH(HrmConfig c, Weights weights, int[][] tokens, int row) {
    try (HighLevel high = new HighLevel(c, weights, GoldenTest.ND4J.open());
        LowLevel low = new LowLevel(c, weights, GoldenTest.ND4J.open())) {
      int[] fresh = new int[tokens.length];
      Arrays.fill(fresh, -1);
      Hrm.Segment segment =
          new Hrm(high, low, c)
              .segment(high.seat(null, fresh), high.embed(tokens, new int[tokens.length]));
      float[] all = GoldenTest.host(segment.carry().zH());
      int n = c.sequence() * c.hiddenSize();
      return Arrays.copyOfRange(all, row * n, (row + 1) * n);
    }
  }
}
