package hrm.model.cuda;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import hrm.model.Block;
import java.util.SplittableRandom;

/** Where a segment's time goes: each kernel of a block by itself, of the published size. */
final class KernelTimes {
  private static final int[][] SHAPES = {{82, 1}, {82, 64}, {82, 1024}, {901, 64}};
  private static final int D = 512;
  private static final int INTER = 1536;
  private static final int HEADS = 8;
  private static final float EPS = 1e-5f;
  private static final int CALLS = 20; // of one replay
  private static final int ROUNDS = 5;

  private final GpuKernels k;
  private final int per;
  private final int batch;
  private final int rows;
  private final JsonArray times;

  private KernelTimes(GpuKernels k, int per, int batch, JsonArray times) {
    this.k = k;
    this.per = per;
    this.batch = batch;
    this.rows = per * batch;
    this.times = times;
  }

  /** Microseconds of each, and what it came to: TFLOP/s of products, GB/s of the others. */
  static JsonArray all(CudaBackend backend) {
    JsonArray times = new JsonArray();
    for (int[] shape : SHAPES) {
      try (GpuKernels k = (GpuKernels) backend.open()) {
        new KernelTimes(k, shape[0], shape[1], times).measure();
      } catch (RuntimeException | Error e) {
        e.printStackTrace(System.out);
      }
    }
    return times;
  }

  private void measure() {
    Block x = random(k.allocateActivation((long) rows * D), rows * D);
    Block wide = random(k.allocateActivation((long) rows * 2 * INTER), rows * 2 * INTER);
    Block inner = random(k.allocateActivation((long) rows * INTER), rows * INTER);
    Block y = random(k.allocateActivation((long) rows * D), rows * D);
    Block normed = random(k.allocateActivation((long) rows * D), rows * D);
    Block w = random(k.allocateActivation(2 * INTER * D), 2 * INTER * D);
    Block rope = random(k.allocate(2L * per * (D / HEADS)), 2 * per * (D / HEADS));
    Block[] used = {x, wide, inner, y, normed, w, rope};
    product("qkv_proj", used, D, 3 * D, () -> k.linear(x, w, wide, batch, per, D, 3 * D));
    double flop = 4.0 * batch * per * per * D;
    time("attention", used, flop, () -> k.attention(wide, rope, y, batch, per, HEADS, D / HEADS));
    product("o_proj", used, D, D, () -> k.linear(x, w, y, batch, per, D, D));
    product("gate_up", used, D, 2 * INTER, () -> k.linear(x, w, wide, batch, per, D, 2 * INTER));
    time("swiGlu", used, -6.0 * rows * INTER, () -> k.swiGlu(wide, inner, rows, INTER));
    product(
        "gate_up and swiGlu",
        used,
        D,
        2 * INTER,
        () -> k.linearSwiGlu(x, w, wide, inner, batch, per, D, INTER));
    product(
        "addNorm, gate_up and swiGlu",
        used,
        D,
        2 * INTER,
        () -> k.addNormLinearSwiGlu(x, y, normed, w, wide, inner, batch, per, D, INTER, EPS));
    product(
        "addNorm and qkv_proj",
        used,
        D,
        3 * D,
        () -> k.addNormLinear(x, y, normed, w, wide, batch, per, D, 3 * D, EPS));
    product("down_proj", used, INTER, D, () -> k.linear(inner, w, y, batch, per, INTER, D));
    time("addNorm", used, -6.0 * rows * D, () -> k.addNorm(x, y, y, null, rows, D, EPS));
    int d = D / HEADS;
    time(
        "attentionBackward",
        used,
        2.5 * flop,
        () -> k.attentionBackward(wide, rope, y, wide, batch, per, HEADS, d));
    for (Block block : used) {
      block.close();
    }
  }

  private void product(String name, Block[] used, int in, int out, Runnable call) {
    time(name, used, 2.0 * rows * in * out, call);
  }

  /** Of {@code work}: operations, or bytes if negative. */
  private void time(String name, Block[] used, double work, Runnable call) {
    double best = Double.MAX_VALUE;
    for (int round = 0; round < ROUNDS; round++) { // the first compile and record
      k.synchronize();
      long start = System.nanoTime();
      k.replay(
          name,
          batch,
          used,
          used,
          () -> {
            for (int i = 0; i < CALLS; i++) {
              call.run();
            }
          });
      k.synchronize();
      best = Math.min(best, (System.nanoTime() - start) / 1e9 / CALLS);
    }
    JsonObject row = new JsonObject();
    row.addProperty("sequence", per);
    row.addProperty("batch", batch);
    row.addProperty("kernel", name);
    row.addProperty("us", best * 1e6);
    row.addProperty(work < 0 ? "gb_s" : "tflops", Math.abs(work) / best / (work < 0 ? 1e9 : 1e12));
    times.add(row);
    System.out.println(row);
  }

  /** Fills a block; zeros or numbers that recur would draw less power. */
  static Block random(Block block, int n) {
    SplittableRandom random = new SplittableRandom(n);
    float[] part = new float[1 << 20];
    for (int at = 0; at < n; at += part.length) {
      int count = Math.min(part.length, n - at);
      for (int i = 0; i < count; i++) {
        part[i] = random.nextInt(-128, 128) / 64f;
      }
      block.write(at, part, 0, count);
    }
    return block;
  }
}
