package hrm.model.cuda;

import hrm.model.Block;
import hrm.model.cuda.Contest.Entry;
import hrm.model.cuda.Contest.Way;

/**
 * Forward products with what stands before and behind them. Each is several calls, or one kernel
 * where that has won its contest.
 */
final class JoinedCalls {
  private static final int MOST_FEW_ROWS = 2048;
  private static final int MOST_TRIED = 8192; // more take what these take
  private static final float TRIED_EPS = 1e-5f;

  private final CudaOptions.Joining joining;
  private final ProductCalls products;
  private final ElementCalls elements;
  private final NormCalls norms;
  private final GateCalls gates;
  private final WarpgroupCalls warpgroups;
  private final Contest contest;

  JoinedCalls(
      CudaOptions.Joining joining,
      ProductCalls products,
      ElementCalls elements,
      NormCalls norms,
      GateCalls gates,
      WarpgroupCalls warpgroups,
      Contest contest) {
    this.joining = joining;
    this.products = products;
    this.elements = elements;
    this.norms = norms;
    this.gates = gates;
    this.warpgroups = warpgroups;
    this.contest = contest;
  }

  void linear(Block x, Block w, Block y, int rows, int in, int out) {
    int n = tried(rows);
    if (rows <= MOST_FEW_ROWS
        && warpgroups.takeActivations(in, x, y)
        && warpgroups.takesFew(rows, in, out)
        && won(
            entry("linear", n, in, out),
            o -> products.linear(o.x(), o.weights(), o.y(), n, in, out),
            o -> warpgroups.few(o.x(), o.weights(), o.y(), n, in, out))) {
      warpgroups.few(x, w, y, rows, in, out);
    } else {
      products.linear(x, w, y, rows, in, out);
    }
  }

  void addLinear(Block x, Block r, Block sum, Block w, Block y, int rows, int in, int out) {
    int n = tried(rows);
    if (rows <= MOST_FEW_ROWS
        && warpgroups.takeActivations(in, x, r, sum, y)
        && warpgroups.takesFewSums(in, out)
        && won(
            entry("addLinear", n, in, out),
            o -> {
              elements.add(o.x(), o.r(), o.between(), n * in);
              linear(o.between(), o.weights(), o.y(), n, in, out);
            },
            o -> warpgroups.fewSummed(o.x(), o.r(), o.between(), o.weights(), o.y(), n, in, out))) {
      warpgroups.fewSummed(x, r, sum, w, y, rows, in, out);
    } else {
      elements.add(x, r, sum, rows * in);
      linear(sum, w, y, rows, in, out);
    }
  }

  void linearSwiGlu(Block x, Block w, Block gateUp, Block y, int rows, int in, int inter) {
    int n = tried(rows);
    if (warpgroups.takeActivations(in, x, y)
        && warpgroups.takesGates(rows, inter)
        && won(
            entry("linearSwiGlu", n, in, 2 * inter),
            o -> {
              linear(o.x(), o.weights(), o.wide(), n, in, 2 * inter);
              gates.swiGlu(o.wide(), o.y(), n, inter);
            },
            o -> warpgroups.gated(o.x(), o.weights(), o.y(), n, in, inter))) {
      warpgroups.gated(x, w, y, rows, in, inter);
    } else {
      linear(x, w, gateUp, rows, in, 2 * inter);
      gates.swiGlu(gateUp, y, rows, inter);
    }
  }

  void addNormLinear(
      Block x, Block r, Block normed, Block w, Block y, int rows, int in, int out, float eps) {
    int n = tried(rows);
    if (rows <= MOST_FEW_ROWS
        && warpgroups.takeActivations(in, x, r, normed, y)
        && warpgroups.takesFewSums(in, out)
        && won(
            entry("addNormLinear", n, in, out),
            o -> {
              norms.addNorm(o.x(), o.r(), o.between(), null, n, in, TRIED_EPS);
              linear(o.between(), o.weights(), o.y(), n, in, out);
            },
            o ->
                warpgroups.fewNormed(
                    o.x(), o.r(), o.between(), o.weights(), o.y(), n, in, out, TRIED_EPS))) {
      warpgroups.fewNormed(x, r, normed, w, y, rows, in, out, eps);
    } else {
      norms.addNorm(x, r, normed, null, rows, in, eps);
      linear(normed, w, y, rows, in, out);
    }
  }

  void addNormLinearSwiGlu(
      Block x,
      Block r,
      Block normed,
      Block w,
      Block gateUp,
      Block y,
      int rows,
      int in,
      int inter,
      float eps) {
    int n = tried(rows);
    if (rows <= MOST_FEW_ROWS
        && warpgroups.takeActivations(in, x, r, normed, y)
        && warpgroups.takesFewGates(in, inter)
        && won(
            entry("addNormLinearSwiGlu", n, in, 2 * inter),
            o -> {
              norms.addNorm(o.x(), o.r(), o.between(), null, n, in, TRIED_EPS);
              linearSwiGlu(o.between(), o.weights(), o.wide(), o.y(), n, in, inter);
            },
            o ->
                warpgroups.fewNormedGated(
                    o.x(), o.r(), o.between(), o.weights(), o.y(), n, in, inter, TRIED_EPS))) {
      warpgroups.fewNormedGated(x, r, normed, w, y, rows, in, inter, eps);
    } else {
      norms.addNorm(x, r, normed, null, rows, in, eps);
      linearSwiGlu(normed, w, gateUp, y, rows, in, inter);
    }
  }

  private boolean won(Entry entry, Way apart, Way joined) {
    return joining != CudaOptions.Joining.NEVER && contest.won(entry, apart, joined);
  }

  private Entry entry(String what, int rows, int in, int out) {
    return new Entry(what, rows, in, out, joining == CudaOptions.Joining.MEASURED);
  }

  /**
   * Of a range of numbers of rows one near the largest: blocks are nearly as many, and the last one
   * is not whole.
   */
  private static int tried(int rows) {
    int most = rows <= 128 ? (rows + 31) / 32 * 32 : Integer.highestOneBit(rows - 1) << 1;
    return Math.min(most, MOST_TRIED) - 14;
  }
}
