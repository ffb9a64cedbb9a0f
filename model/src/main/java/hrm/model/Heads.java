package hrm.model;

/**
 * What the heads read from z_H after a segment, on the host.
 *
 * @param vocab size of the last axis of {@code logits}
 * @param logits (B, seq_len, vocab), row-major; the puzzle embedding's positions are dropped
 * @param qHalt (B), raw logits of "stop now"
 * @param qContinue (B), raw logits of "go on"
 */
public record Heads(int vocab, float[] logits, float[] qHalt, float[] qContinue) {

  /** The answer of one row: argmax over the vocabulary, (seq_len); the lowest token wins a tie. */
  public int[] tokens(int row) {
    int seqLen = seqLen();
    int[] tokens = new int[seqLen];
    for (int cell = 0; cell < seqLen; cell++) {
      int at = (row * seqLen + cell) * vocab;
      int best = 0;
      for (int v = 1; v < vocab; v++) {
        if (logits[at + v] > logits[at + best]) {
          best = v;
        }
      }
      tokens[cell] = best;
    }
    return tokens;
  }

  /** Softmax probability of the chosen token of one row, (seq_len), each in (0, 1]. */
  public float[] confidence(int row) {
    int seqLen = seqLen();
    float[] confidence = new float[seqLen];
    for (int cell = 0; cell < seqLen; cell++) {
      int at = (row * seqLen + cell) * vocab;
      float max = Float.NEGATIVE_INFINITY;
      for (int v = 0; v < vocab; v++) {
        max = Math.max(max, logits[at + v]);
      }
      double sum = 0;
      for (int v = 0; v < vocab; v++) {
        sum += Math.exp(logits[at + v] - max);
      }
      confidence[cell] = (float) (1 / sum);
    }
    return confidence;
  }

  private int seqLen() {
    return logits.length / vocab / qHalt.length;
  }
}
