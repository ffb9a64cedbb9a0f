package hrm.model.host;

import hrm.model.Block;
import hrm.model.Fingerprint;
import hrm.model.Loss;

/**
 * Small kernels at a model's two ends, which the host computes for a device that has none of its
 * own: look-up, heads, losses, fingerprints. A device that overrides them saves the copies and the
 * wait for them.
 */
public interface HostKernels {
  /** The shape of an embedding. */
  record Look(int batch, int length, int prefix, int d, int vocab) {
    /** Positions of a sample. */
    public int per() {
      return prefix + length;
    }
  }

  /**
   * Input embeddings y (batch, prefix + length, d): the puzzle's vectors first, then the tokens';
   * with learned positions 0.7071 (x + position); all times sqrt(d).
   *
   * @param tokens (vocab, d)
   * @param puzzles (batch, prefix, d), or null where prefix is 0
   * @param positions (prefix + length, d), or null
   * @param ids (batch, length) rows of tokens
   */
  default void embed(Block tokens, Block puzzles, Block positions, int[] ids, Block y, Look look) {
    HostEmbedding.embed(tokens, puzzles, positions, ids, y, look);
  }

  /**
   * Sets the tables' gradients from dy (batch, prefix + length, d).
   *
   * @param dPositions null without learned positions
   * @param scale of the embedding: d y / d table
   */
  default void embedBackward(
      Block dy, int[] ids, Block dTokens, Block dPositions, Look look, float scale) {
    HostEmbedding.backward(dy, ids, dTokens, dPositions, look, scale);
  }

  /**
   * The puzzle embedding's own rule (CastedSparseEmbeddingSignSGD): table row = row (1 - lr decay)
   * - lr sign(sum of equal ids' gradients), once for each id; all other rows stay.
   *
   * @param table (any, width), of which the first n numbers of a row move
   * @param ids (batch) rows of the table
   * @param gradient (batch, width)
   */
  default void signSgd(
      Block table, int[] ids, Block gradient, int width, int n, float lr, float decay) {
    HostEmbedding.signSgd(table, ids, gradient, width, n, lr, decay);
  }

  /**
   * The halting head: q (batch, 2) = W z[position 0] + bias, q_halt and q_continue.
   *
   * @param z (batch, per, d)
   * @param w (2, d)
   */
  default void qHead(Block z, Block w, Block bias, Block q, int batch, int per, int d) {
    HostHeads.forward(z, w, bias, q, batch, per, d);
  }

  /**
   * Adds to dz at position 0, and sets dw (2, d) and dBias (2).
   *
   * @param dq (batch, 2)
   */
  default void qHeadBackward(
      Block z, Block w, Block dq, Block dz, Block dw, Block dBias, int batch, int per, int d) {
    HostHeads.backward(z, w, dq, dz, dw, dBias, batch, per, d);
  }

  /**
   * Cross-entropy of the cells of each row, and its gradient.
   *
   * @param logits (batch, prefix + length, vocab)
   * @param labels (batch, length); {@link Loss#IGNORED} cells do not count
   * @param dLogits as logits; 0 at the prefix and at cells that do not count
   * @param seen (batch, 3) receives a row's mean loss, its correct and its counted cells
   * @param look d is of no matter
   */
  default void cellLoss(
      Block logits, int[] labels, Block dLogits, Block seen, Loss.Cells of, Look look) {
    HostHeads.cellLoss(logits, labels, dLogits, seen, of, look);
  }

  /**
   * Gradient dq (batch, 2) of the halting head's binary cross-entropies: q_halt's target is whether
   * all counted cells are correct, q_continue's the sigmoid of what the next segment says.
   *
   * @param seen of {@link #cellLoss}
   * @param next (batch, 2) q of the next segment, or null without a continue head
   * @param last (batch) 1 where a row may not go on: then q_continue's target is q_halt's of next
   * @param scale factor of the gradient
   */
  default void haltingLoss(
      Block q, Block seen, Block next, int[] last, Block dq, int batch, float scale) {
    HostHeads.haltingLoss(q, seen, next, last, dq, batch, scale);
  }

  /** x /= ||x|| + eps over n floats; the sum in double where it is the host's. */
  default void normalise(Block x, int n, float eps) {
    HostHeads.normalise(x, n, eps);
  }

  /** Of the given rows of n floats, in their order. */
  default Fingerprint[] fingerprints(Block x, int[] rows, int n) {
    return Fingerprint.of(x, rows, n);
  }
}
