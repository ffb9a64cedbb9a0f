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

  private static double[] slice(float[] x, int at, int n) {
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
