package hrm.model;

import java.util.Map;

/** Products, and calls that one kernel takes the place of on some of the shapes here. */
final class CudaProducts {
  private static final float EPS = 1e-5f;

  /** Calls that one kernel takes the place of, and for how many of the shapes tried here. */
  static final Map<String, Integer> JOINED =
      Map.of(
          "linear", 8,
          "addLinear", 3,
          "linearSwiGlu", 3,
          "addNormLinear", 3,
          "addNormLinearSwiGlu", 3);

  private final CudaTrial trial;

  CudaProducts(CudaTrial trial) {
    this.trial = trial;
  }

  void all() {
    for (int[] s : new int[][] {{2, 3, 24, 40}, {1, 5, 16, 11}, {2, 4, 13, 7}, {3, 40, 64, 32}}) {
      products(s[0], s[1], s[2], s[3]);
    }
    gated(2, 2100, 64, 96); // so many rows that product and gate may be one kernel
    gated(2, 3, 64, 96);
    for (int[] s : new int[][] {{1, 3, 64, 64}, {2, 41, 512, 128}, {1, 33, 1280, 64}}) {
      products(s[0], s[1], s[2], s[3]);
    }
    for (int[] s : new int[][] {{1, 5, 64, 128}, {3, 43, 512, 64}, {1, 8, 320, 192}}) {
      normed(s[0], s[1], s[2], s[3]);
    }
    normed(1, 7, 24, 40);
    products(1, 140, 64, 64);
  }

  private void gated(int batch, int per, int in, int inter) {
    int rows = batch * per;
    trial.check(
        "linearSwiGlu",
        new int[] {batch, per, in, inter},
        (k, b) -> {
          try (Block gateUp = k.allocateActivation(2L * rows * inter)) {
            k.linearSwiGlu(b[0], b[1], gateUp, b[2], batch, per, in, inter);
          }
        },
        trial.act(rows * in),
        trial.plain(2 * inter * in),
        trial.act(rows * inter));
  }

  private void normed(int batch, int per, int in, int out) {
    int rows = batch * per;
    int[] s = {batch, per, in, out};
    trial.check(
        "addLinear",
        s,
        (k, b) -> k.addLinear(b[0], b[1], b[2], b[3], b[4], batch, per, in, out),
        trial.act(rows * in),
        trial.act(rows * in),
        trial.act(rows * in),
        trial.plain(out * in),
        trial.act(rows * out));
    trial.check(
        "addNormLinear",
        s,
        (k, b) -> k.addNormLinear(b[0], b[1], b[2], b[3], b[4], batch, per, in, out, EPS),
        trial.act(rows * in),
        trial.act(rows * in),
        trial.act(rows * in),
        trial.plain(out * in),
        trial.act(rows * out));
    int inter = out / 2;
    trial.check(
        "addNormLinearSwiGlu",
        s,
        (k, b) -> {
          try (Block gateUp = k.allocateActivation((long) rows * out)) {
            k.addNormLinearSwiGlu(b[0], b[1], b[2], b[3], gateUp, b[4], batch, per, in, inter, EPS);
          }
        },
        trial.act(rows * in),
        trial.act(rows * in),
        trial.act(rows * in),
        trial.plain(out * in),
        trial.act(rows * inter));
  }

  private void products(int batch, int per, int in, int out) {
    int rows = batch * per;
    int[] s = {batch, per, in, out};
    trial.check(
        "linear",
        s,
        (k, b) -> k.linear(b[0], b[1], b[2], batch, per, in, out),
        trial.act(rows * in),
        trial.plain(out * in),
        trial.act(rows * out));
    trial.check(
        "linear to float",
        s,
        (k, b) -> k.linear(b[0], b[1], b[2], batch, per, in, out),
        trial.act(rows * in),
        trial.plain(out * in),
        trial.plain(rows * out));
    for (boolean accumulate : new boolean[] {false, true}) {
      trial.check(
          "linearBackwardInput" + (accumulate ? " accumulated" : ""),
          s,
          (k, b) -> k.linearBackwardInput(b[0], b[1], b[2], rows, in, out, accumulate),
          trial.act(rows * out),
          trial.plain(out * in),
          trial.act(rows * in));
    }
    trial.check(
        "linearBackwardWeight",
        s,
        (k, b) -> k.linearBackwardWeight(b[0], b[1], b[2], rows, in, out),
        trial.act(rows * out),
        trial.act(rows * in),
        trial.plain(out * in));
    trial.check(
        "linearBackwardWeight of floats",
        s,
        (k, b) -> k.linearBackwardWeight(b[0], b[1], b[2], rows, in, out),
        trial.plain(rows * out),
        trial.act(rows * in),
        trial.plain(out * in));
  }
}
