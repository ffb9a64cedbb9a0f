package hrm.model.cuda;

import static hrm.model.cuda.GpuBlock.of;
import static hrm.model.cuda.Operands.check;

import hrm.model.Block;

/** Calls of gates_wgmma.cu and few_rows_wgmma.cu, for chips that multiply by warpgroups. */
final class WarpgroupCalls {
  private static final int TILE = 2 * 64; // bytes of a row of one
  private static final int FEW_ROWS = 128; // that blocks of 16 share
  private static final int FEW_STAGES = 8; // of rows that are summed they hold all
  private static final int MOST_STAGES = 22; // that shared memory holds of blocks of 16
  private static final int NARROW_ROWS = 2048; // whose gates come in narrower blocks, to be more

  /** Rows of a block, tiles that it holds, threads. */
  private record FewRows(String kernel, int rows, int stages, int threads) {
    static final FewRows SIXTEEN = new FewRows("few_rows_16", 16, FEW_STAGES, 256);
    static final FewRows WIDE = new FewRows("few_rows_16_wide", 16, MOST_STAGES, 256);
    static final FewRows MORE = new FewRows("few_rows_32", 32, FEW_STAGES, 256);
    static final FewRows SUMMED = new FewRows("few_rows_32_summed", 32, FEW_STAGES, 512);
    static final FewRows NORMED = new FewRows("few_rows_32_normed", 32, FEW_STAGES, 512);
    static final FewRows GATED = new FewRows("few_rows_32_normed_gated", 32, FEW_STAGES, 512);

    int shared() {
      return stages * (64 + rows) * TILE;
    }
  }

  private final GpuMemory memory;
  private final Launch launch;
  private final ProductCalls products;

  WarpgroupCalls(GpuMemory memory, Launch launch, ProductCalls products) {
    this.memory = memory;
    this.launch = launch;
    this.products = products;
  }

  /** Whether products of rows of {@code in} elements between these activations are taken here. */
  boolean takeActivations(int in, Block... activations) {
    boolean take = memory.gpu.device.hasWarpgroups() && in % 64 == 0;
    for (Block block : activations) {
      take &= of(block).storage == Storage.BFLOAT16 && of(block).address % 16 == 0;
    }
    return take;
  }

  boolean takesFew(int rows, int in, int out) {
    return out % 64 == 0 && (rows <= FEW_ROWS || in <= 64 * FEW_STAGES);
  }

  boolean takesFewSums(int in, int out) {
    return out % 64 == 0 && in <= 64 * FEW_STAGES;
  }

  boolean takesFewGates(int in, int inter) {
    return inter % 32 == 0 && in <= 64 * FEW_STAGES;
  }

  boolean takesGates(int rows, int inter) {
    return inter % (gatedColumns(rows) / 2) == 0;
  }

  /** Gates and what they gate, of a block. */
  private static int gatedColumns(int rows) {
    return rows <= NARROW_ROWS ? 96 : 192;
  }

  /** y (rows, inter) = SwiGLU of x wᵀ, by blocks of 128 rows. */
  void gated(Block x, Block w, Block y, int rows, int in, int inter) {
    check("gated product", x, (long) rows * in);
    check("gated product", y, (long) rows * inter);
    int columns = gatedColumns(rows);
    int shared = (columns == 96 ? 3 : 2) * (128 + columns) * TILE;
    Block weights = begin("gates_wgmma", "gated_product_" + columns, shared, w, 2L * inter * in);
    launch.in(x).in(weights).out(y);
    launch.number(rows).number(in).number(inter);
    launch.run(2 * inter / columns, (rows + 127) / 128, 1, 256);
  }

  /** y (rows, out) = x wᵀ. */
  void few(Block x, Block w, Block y, int rows, int in, int out) {
    FewRows kernel =
        in > 64 * FEW_STAGES ? FewRows.WIDE : rows <= FEW_ROWS ? FewRows.SIXTEEN : FewRows.MORE;
    few(kernel, x, null, null, w, y, rows, in, out, out, 0);
  }

  /** sum = x + r, y = sum wᵀ; sum is neither x nor r. */
  void fewSummed(Block x, Block r, Block sum, Block w, Block y, int rows, int in, int out) {
    few(FewRows.SUMMED, x, r, sum, w, y, rows, in, out, out, 0);
  }

  /** normed = rms(x + r), y = normed wᵀ; normed is neither x nor r. */
  void fewNormed(
      Block x, Block r, Block normed, Block w, Block y, int rows, int in, int out, float eps) {
    few(FewRows.NORMED, x, r, normed, w, y, rows, in, out, out, eps);
  }

  /** The same, and y (rows, inter) the SwiGLU of the product. */
  void fewNormedGated(
      Block x, Block r, Block normed, Block w, Block y, int rows, int in, int inter, float eps) {
    few(FewRows.GATED, x, r, normed, w, y, rows, in, 2 * inter, inter, eps);
  }

  /**
   * @param wide rows of the weights
   * @param out of y
   */
  private void few(
      FewRows of,
      Block x,
      Block r,
      Block sum,
      Block w,
      Block y,
      int rows,
      int in,
      int wide,
      int out,
      float eps) {
    check(of.kernel, x, (long) rows * in);
    check(of.kernel, y, (long) rows * out);
    if (sum != null) {
      check(of.kernel, r, (long) rows * in);
      check(of.kernel, sum, (long) rows * in);
    }
    Block weights = begin("few_rows_wgmma", of.kernel, of.shared(), w, (long) wide * in);
    launch.in(x).in(r).out(sum).in(weights).out(y);
    launch.number(rows).number(in).number(out).number(eps);
    launch.run(wide / 64, (rows + of.rows - 1) / of.rows, 1, of.threads);
  }

  /** A kernel that reads weights before it follows, unless they are only now being converted. */
  private Block begin(String source, String kernel, int shared, Block w, long n) {
    boolean ready = products.isReady(w);
    Block weights = products.operand(w, n);
    launch.of(source, kernel, shared);
    if (ready) {
      launch.follows();
    }
    return weights;
  }
}
