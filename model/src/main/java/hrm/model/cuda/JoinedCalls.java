package hrm.model.cuda;

import hrm.model.Block;
import hrm.model.cuda.Contest.Entry;

/**
 * Forward products with what stands before and behind them. Each is several calls, or one kernel
 * where that has won its contest.
 */
final class JoinedCalls {
  private static final int MOST_FEW_ROWS = 2048;
  private static final int MANY_ROWS = 4096;
  private static final int TRIED_OF_MANY = 300; // the last block of 128 not whole
  private static final float TRIED_EPS = 1e-5f;

  private final CudaOptions.Joining joining;
  private final ProductCalls products;
  private final NormCalls norms;
  private final GateCalls gates;
  private final WarpgroupCalls warpgroups;
  private final Contest contest;

  JoinedCalls(
      CudaOptions.Joining joining,
      ProductCalls products,
      NormCalls norms,
      GateCalls gates,
      WarpgroupCalls warpgroups,
      Contest contest) {
    this.joining = joining;
    this.products = products;
    this.norms = norms;
    this.gates = gates;
    this.warpgroups = warpgroups;
    this.contest = contest;
  }

  void linear(Block x, Block w, Block y, int rows, int in, int out) {
    if (isFew(rows)
        && warpgroups.take(in, x, y)
        && warpgroups.takesFew(out)
        && contest.won(
            entry("linear", rows, in, out),
            o -> products.linear(o.x(), o.weights(), o.y(), tried(rows), in, out),
            o -> warpgroups.few(o.x(), o.weights(), o.y(), tried(rows), in, out))) {
      warpgroups.few(x, w, y, rows, in, out);
    } else {
      products.linear(x, w, y, rows, in, out);
    }
  }

  void linearSwiGlu(Block x, Block w, Block gateUp, Block y, int rows, int in, int inter) {
    if (rows >= MANY_ROWS
        && joining != CudaOptions.Joining.NEVER
        && warpgroups.take(in, x, y)
        && warpgroups.takesMoreGates(inter)
        && contest.won(
            new Entry("linearSwiGlu", TRIED_OF_MANY, in, 2 * inter, false),
            o -> apart(o.x(), o.weights(), o.wide(), o.y(), TRIED_OF_MANY, in, inter),
            o -> warpgroups.gated(o.x(), o.weights(), o.y(), TRIED_OF_MANY, in, inter))) {
      warpgroups.gated(x, w, y, rows, in, inter);
    } else {
      apart(x, w, gateUp, y, rows, in, inter);
    }
  }

  private void apart(Block x, Block w, Block gateUp, Block y, int rows, int in, int inter) {
    products.linear(x, w, gateUp, rows, in, 2 * inter);
    gates.swiGlu(gateUp, y, rows, inter);
  }

  void addNormLinear(
      Block x, Block r, Block normed, Block w, Block y, int rows, int in, int out, float eps) {
    int tried = tried(rows);
    if (isFew(rows)
        && warpgroups.take(in, x, r, normed, y)
        && warpgroups.norms(in)
        && warpgroups.takesFew(out)
        && contest.won(
            entry("addNormLinear", rows, in, out),
            o -> {
              norms.addNorm(o.x(), o.r(), o.normed(), null, tried, in, TRIED_EPS);
              products.linear(o.normed(), o.weights(), o.y(), tried, in, out);
            },
            o ->
                warpgroups.fewNormed(
                    o.x(), o.r(), o.normed(), o.weights(), o.y(), tried, in, out, TRIED_EPS))) {
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
    int tried = tried(rows);
    if (isFew(rows)
        && warpgroups.take(in, x, r, normed, y)
        && warpgroups.norms(in)
        && warpgroups.takesFewGates(inter)
        && contest.won(
            entry("addNormLinearSwiGlu", rows, in, 2 * inter),
            o -> {
              norms.addNorm(o.x(), o.r(), o.normed(), null, tried, in, TRIED_EPS);
              apart(o.normed(), o.weights(), o.wide(), o.y(), tried, in, inter);
            },
            o ->
                warpgroups.fewNormedGated(
                    o.x(), o.r(), o.normed(), o.weights(), o.y(), tried, in, inter, TRIED_EPS))) {
      warpgroups.fewNormedGated(x, r, normed, w, y, rows, in, inter, eps);
    } else {
      norms.addNorm(x, r, normed, null, rows, in, eps);
      linearSwiGlu(normed, w, gateUp, y, rows, in, inter);
    }
  }

  private boolean isFew(int rows) {
    return rows <= MOST_FEW_ROWS && joining != CudaOptions.Joining.NEVER;
  }

  private Entry entry(String what, int rows, int in, int out) {
    return new Entry(what, tried(rows), in, out, joining == CudaOptions.Joining.MEASURED);
  }

  /** Of a range of numbers of rows the largest: their blocks are nearly as many. */
  private static int tried(int rows) {
    return rows <= 128 ? (rows + 31) / 32 * 32 : Integer.highestOneBit(rows - 1) << 1;
  }
}
