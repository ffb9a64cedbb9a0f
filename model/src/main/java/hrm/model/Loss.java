package hrm.model;

import hrm.model.host.HostKernels.Look;

/** The published loss (ACTLossHead) of one segment: its formulas, in double. */
public final class Loss {
  /** Cross-entropy of the cells: stablemax (s(x) = x+1, or 1/(1-x) below 0) or softmax. */
  public enum Type {
    STABLEMAX,
    SOFTMAX
  }

  /**
   * The cells' part.
   *
   * @param smoothing share of the target spread evenly over the vocabulary, 0 for none
   * @param scale factor of the gradient: 1 / global batch
   */
  public record Cells(Type type, float smoothing, float scale) {}

  /** A label that does not count. */
  public static final int IGNORED = -100;

  private Loss() {}

  /**
   * One row: mean cross-entropy of the cells that count, and its gradient.
   *
   * @param x (prefix + length, vocab) logits
   * @param dx as x, receives the gradient; 0 at the prefix and at cells that do not count
   * @param labels from {@code at} on, length of them
   * @param seen receives the loss, the correct and the counted cells; a row without labels has 0, 0
   *     and 0
   */
  public static void row(
      float[] x, float[] dx, int[] labels, int at, float[] seen, Cells of, Look s) {
    java.util.Arrays.fill(dx, 0);
    int count = 0;
    for (int i = 0; i < s.length(); i++) {
      count += labels[at + i] == IGNORED ? 0 : 1;
    }
    double[] cell = new double[s.vocab()];
    double loss = 0;
    int correct = 0;
    for (int i = 0; i < s.length(); i++) {
      int label = labels[at + i];
      int first = (s.prefix() + i) * s.vocab();
      if (label != IGNORED) {
        loss += cell(of, x, first, label, (double) of.scale() / count, cell, dx) / count;
        correct += argmax(x, first, s.vocab()) == label ? 1 : 0;
      }
    }
    seen[0] = (float) loss;
    seen[1] = correct;
    seen[2] = count;
  }

  /** Cross-entropy of one cell; writes weight times its gradient. */
  private static double cell(
      Cells of, float[] logits, int at, int label, double weight, double[] s, float[] dLogits) {
    int v = s.length;
    boolean softmax = of.type() == Type.SOFTMAX;
    double sum = 0;
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < v; i++) {
      max = Math.max(max, logits[at + i]);
    }
    for (int i = 0; i < v; i++) {
      double x = logits[at + i];
      s[i] = softmax ? Math.exp(x - max) : x < 0 ? 1 / (1 - x + 1e-30) : x + 1;
      sum += s[i];
    }
    double even = of.smoothing() / v;
    double loss = 0;
    for (int i = 0; i < v; i++) {
      double x = logits[at + i];
      double target = (i == label ? 1 - of.smoothing() : 0) + even;
      // d log s / d x: softmax 1, stablemax s below 0 and 1/s above; d s / d x is s times that
      double slope = softmax ? 1 : x < 0 ? s[i] : 1 / s[i];
      double p = s[i] / sum;
      dLogits[at + i] = (float) (weight * slope * (p - target));
      double log = softmax ? x - max - Math.log(sum) : Math.log(p);
      loss -= target == 0 ? 0 : target * log;
    }
    return loss;
  }

  private static int argmax(float[] x, int at, int n) {
    int best = 0;
    for (int i = 1; i < n; i++) {
      if (x[at + i] > x[at + best]) {
        best = i;
      }
    }
    return best;
  }

  /** What q_continue learns to say, from what the next segment says; last: it may not go on. */
  public static double target(double nextHalt, double nextContinue, boolean last) {
    return sigmoid(last ? nextHalt : Math.max(nextHalt, nextContinue));
  }

  static double bce(double logit, double target) {
    return Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit)));
  }

  public static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
