package hrm.model;

/**
 * The published loss (ACTLossHead) of one segment, summed over the batch, and its gradient by the
 * heads' outputs. All in double.
 */
public final class Loss {
  /** Cross-entropy of the cells: stablemax (s(x) = x+1, or 1/(1-x) below 0) or softmax. */
  public enum Type {
    STABLEMAX,
    SOFTMAX
  }

  /** A label that does not count. */
  public static final int IGNORED = -100;

  double lm;
  double qHalt;
  double qContinue;
  int cells;
  int correctCells;
  boolean[] exact; // a row without labels counts as exact here, as in the reference
  int[] counted; // labels that count, per row

  double total() {
    return lm + 0.5 * (qHalt + qContinue);
  }

  private Loss() {}

  /**
   * @param smoothing share of the target spread evenly over the vocabulary, 0 for none
   * @param logits (B, S, V) with the puzzle positions in front
   * @param labels (B)(seq_len); IGNORED cells do not count
   * @param targetContinue (B), or null for a model without a continue head
   * @param scale factor of the gradients: 1 / global batch
   * @param dLogits (B, S, V) receives the gradient; puzzle positions stay 0
   * @param dQ (B, 2) receives the gradient of q_halt and q_continue
   */
  static Loss of(
      HrmConfig c,
      Type type,
      double smoothing,
      float[] logits,
      int[][] labels,
      Heads heads,
      float[] targetContinue,
      double scale,
      float[] dLogits,
      float[] dQ) {
    int batch = labels.length;
    Loss loss = new Loss();
    loss.exact = new boolean[batch];
    loss.counted = new int[batch];
    double[] cell = new double[c.vocabSize()];
    for (int b = 0; b < batch; b++) {
      int count = 0;
      for (int label : labels[b]) {
        count += label == IGNORED ? 0 : 1;
      }
      int correct = 0;
      for (int s = 0; s < c.seqLen(); s++) {
        int label = labels[b][s];
        int at = (b * c.sequence() + c.puzzleEmbLen() + s) * c.vocabSize();
        if (label == IGNORED) {
          java.util.Arrays.fill(dLogits, at, at + c.vocabSize(), 0);
        } else {
          loss.lm += cell(type, smoothing, logits, at, label, scale / count, cell, dLogits) / count;
          correct += argmax(logits, at, c.vocabSize()) == label ? 1 : 0;
        }
      }
      loss.cells += count;
      loss.correctCells += correct;
      loss.counted[b] = count;
      loss.exact[b] = correct == count;
      loss.qHalt += bce(heads.qHalt()[b], loss.exact[b] ? 1 : 0);
      dQ[2 * b] = (float) (0.5 * scale * (sigmoid(heads.qHalt()[b]) - (loss.exact[b] ? 1 : 0)));
      if (targetContinue != null) {
        loss.qContinue += bce(heads.qContinue()[b], targetContinue[b]);
        dQ[2 * b + 1] = (float) (0.5 * scale * (sigmoid(heads.qContinue()[b]) - targetContinue[b]));
      }
    }
    return loss;
  }

  /** Cross-entropy of one cell; writes weight times its gradient. */
  private static double cell(
      Type type,
      double smoothing,
      float[] logits,
      int at,
      int label,
      double weight,
      double[] s,
      float[] dLogits) {
    int v = s.length;
    double sum = 0;
    double max = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < v; i++) {
      max = Math.max(max, logits[at + i]);
    }
    for (int i = 0; i < v; i++) {
      double x = logits[at + i];
      s[i] = type == Type.SOFTMAX ? Math.exp(x - max) : x < 0 ? 1 / (1 - x + 1e-30) : x + 1;
      sum += s[i];
    }
    double even = smoothing / v;
    double loss = 0;
    for (int i = 0; i < v; i++) {
      double x = logits[at + i];
      double target = (i == label ? 1 - smoothing : 0) + even;
      // d log s / d x: softmax 1, stablemax s below 0 and 1/s above; d s / d x is s times that
      double slope = type == Type.SOFTMAX ? 1 : x < 0 ? s[i] : 1 / s[i];
      double p = s[i] / sum;
      dLogits[at + i] = (float) (weight * slope * (p - target));
      double log = type == Type.SOFTMAX ? x - max - Math.log(sum) : Math.log(p);
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

  static double bce(double logit, double target) {
    return Math.max(logit, 0) - logit * target + Math.log1p(Math.exp(-Math.abs(logit)));
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
