package hrm.model.cuda;

import static hrm.model.cuda.GpuBlock.of;
import static hrm.model.cuda.Operands.check;

import hrm.model.Block;

/** Calls of gates_wgmma.cu and few_rows_wgmma.cu, for chips that multiply by warpgroups. */
final class WarpgroupCalls {
  private static final int GATED_SHARED = 2 * 2 * (128 + 192) * 64; // bytes: two stages of tiles
  private static final int FEW_STAGE = 2 * (64 + 32) * 64;
  private static final int FEW_STAGES = 8; // of rows that are normed they hold all
  private static final int MOST_STAGES = 18; // that shared memory holds

  private final GpuMemory memory;
  private final Launch launch;
  private final ProductCalls products;

  WarpgroupCalls(GpuMemory memory, Launch launch, ProductCalls products) {
    this.memory = memory;
    this.launch = launch;
    this.products = products;
  }

  /** Whether products of rows of {@code in} elements between these activations are taken here. */
  boolean take(int in, Block... activations) {
    boolean takes = memory.gpu.device.hasWarpgroups() && in % 64 == 0;
    for (Block block : activations) {
      takes &= of(block).storage == Storage.BFLOAT16 && of(block).address % 16 == 0;
    }
    return takes;
  }

  boolean takesMoreGates(int inter) {
    return inter % 96 == 0;
  }

  boolean takesFewGates(int inter) {
    return inter % 32 == 0;
  }

  boolean takesFew(int out) {
    return out % 64 == 0;
  }

  boolean norms(int width) {
    return width <= 64 * FEW_STAGES;
  }

  /** y (rows, inter) = SwiGLU of x wᵀ, by blocks of 128 rows. */
  void gated(Block x, Block w, Block y, int rows, int in, int inter) {
    check("gated product", x, (long) rows * in);
    check("gated product", y, (long) rows * inter);
    Block weights = products.operand(w, 2L * inter * in);
    launch.of("gates_wgmma", "gated_product", GATED_SHARED).in(x).in(weights).out(y);
    launch.number(rows).number(in).number(inter);
    launch.run(inter / 96, (rows + 127) / 128, 1, 256);
  }

  /** y (rows, out) = x wᵀ, by blocks of 32 rows, as the next ones. */
  void few(Block x, Block w, Block y, int rows, int in, int out) {
    int stages = in <= 64 * FEW_STAGES ? FEW_STAGES : MOST_STAGES;
    few("few_rows_" + stages, stages, x, null, null, w, y, rows, in, out, out, 0);
  }

  /** normed = rms(x + r), y = normed wᵀ; normed is neither x nor r. */
  void fewNormed(
      Block x, Block r, Block normed, Block w, Block y, int rows, int in, int out, float eps) {
    few("few_rows_normed", FEW_STAGES, x, r, normed, w, y, rows, in, out, out, eps);
  }

  /** The same, and y (rows, inter) the SwiGLU of the product. */
  void fewNormedGated(
      Block x, Block r, Block normed, Block w, Block y, int rows, int in, int inter, float eps) {
    String kernel = "few_rows_normed_gated";
    few(kernel, FEW_STAGES, x, r, normed, w, y, rows, in, 2 * inter, inter, eps);
  }

  /**
   * @param wide rows of the weights
   * @param out of y
   */
  private void few(
      String kernel,
      int stages,
      Block x,
      Block r,
      Block normed,
      Block w,
      Block y,
      int rows,
      int in,
      int wide,
      int out,
      float eps) {
    check(kernel, x, (long) rows * in);
    check(kernel, y, (long) rows * out);
    if (normed != null) {
      check(kernel, r, (long) rows * in);
      check(kernel, normed, (long) rows * in);
    }
    boolean ready = products.isReady(w); // else what comes just before writes the weights
    Block weights = products.operand(w, (long) wide * in);
    launch.of("few_rows_wgmma", kernel, stages * FEW_STAGE);
    if (ready) {
      launch.follows();
    }
    launch.in(x).in(r).out(normed).in(weights).out(y);
    launch.number(rows).number(in).number(out).number(eps);
    launch.run(wide / 64, (rows + 31) / 32, 1, 256);
  }
}
