package hrm.model.reference;

import hrm.model.Block;

/** One attention head of one sample: rotated q and k, v, and the probabilities, (S, ...) each. */
final class Head {
  final double[][] q;
  final double[][] k;
  final double[][] v;
  final double[][] probs;

  Head(float[] qkv, Block rope, int sample, int head, int s, int heads, int d) {
    q = new double[s][];
    k = new double[s][];
    v = new double[s][];
    probs = new double[s][s];
    for (int p = 0; p < s; p++) {
      int at = (sample * s + p) * 3 * heads * d + head * d;
      q[p] = turn(slice(qkv, at, d), rope, p, s, d, 1);
      k[p] = turn(slice(qkv, at + heads * d, d), rope, p, s, d, 1);
      v[p] = slice(qkv, at + 2 * heads * d, d);
    }
    for (int i = 0; i < s; i++) {
      double max = Double.NEGATIVE_INFINITY;
      for (int j = 0; j < s; j++) {
        for (int c = 0; c < d; c++) {
          probs[i][j] += q[i][c] * k[j][c] / Math.sqrt(d);
        }
        max = Math.max(max, probs[i][j]);
      }
      double sum = 0;
      for (int j = 0; j < s; j++) {
        probs[i][j] = Math.exp(probs[i][j] - max);
        sum += probs[i][j];
      }
      for (int j = 0; j < s; j++) {
        probs[i][j] /= sum;
      }
    }
  }

  /**
   * Gradients by way of the answer at position i, before q and k are turned back.
   *
   * @param g gradient of that answer (d)
   * @param dq of q at i (d); added to, as are dk and dv
   * @param dk of every k (S, d)
   * @param dv of every v (S, d)
   */
  void backward(int i, double[] g, double[] dq, double[][] dk, double[][] dv) {
    double[] dp = new double[k.length];
    double dot = 0;
    for (int j = 0; j < k.length; j++) {
      for (int c = 0; c < g.length; c++) {
        dp[j] += g[c] * v[j][c];
        dv[j][c] += probs[i][j] * g[c];
      }
      dot += dp[j] * probs[i][j];
    }
    for (int j = 0; j < k.length; j++) {
      double ds = probs[i][j] * (dp[j] - dot) / Math.sqrt(g.length);
      for (int c = 0; c < g.length; c++) {
        dq[c] += ds * k[j][c];
        dk[j][c] += ds * q[i][c];
      }
    }
  }

  static double[] slice(float[] x, int at, int n) {
    double[] out = new double[n];
    for (int i = 0; i < n; i++) {
      out[i] = x[at + i];
    }
    return out;
  }

  /** x cos + rotate_half(x) sin at position p; backwards with direction -1. */
  static double[] turn(double[] x, Block rope, int p, int s, int d, int direction) {
    if (rope == null) {
      return x;
    }
    float[] table = HeapBlock.of(rope);
    double[] out = new double[d];
    for (int i = 0; i < d; i++) {
      double half = i < d / 2 ? -x[i + d / 2] : x[i - d / 2];
      out[i] = x[i] * table[p * d + i] + direction * half * table[s * d + p * d + i];
    }
    return out;
  }
}
