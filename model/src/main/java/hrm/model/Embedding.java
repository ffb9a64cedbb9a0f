package hrm.model;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Function;

/** A model's input embeddings (B, S, D), from its tables on a device; {@link Kernels#embed}. */
final class Embedding {
  private static final float HALF_ROOT = 0.707106781f;

  private final HrmConfig c;
  private final Kernels k;
  private final Block tokens; // (V, D)
  private final Block positions; // (S, D), or null

  Embedding(HrmConfig c, Kernels k, Function<String, Block> tensors) {
    this.c = c;
    this.k = k;
    this.tokens = tensors.apply("embed_tokens.embedding_weight");
    this.positions =
        c.positions() == HrmConfig.Positions.LEARNED
            ? tensors.apply("embed_pos.embedding_weight")
            : null;
  }

  /**
   * @param inputs (B)(seq_len)
   * @param puzzles (B, P, D), zero-padded; null for a model without them
   * @param out (B, S, D)
   */
  void forward(int[][] inputs, Block puzzles, Block out) {
    k.embed(tokens, puzzles, positions, flat(inputs), out, look(inputs.length));
  }

  /**
   * Sets the tables' gradients.
   *
   * @param dOut (B, S, D)
   */
  void backward(int[][] inputs, Block dOut, Map<Block, Block> gradients) {
    k.embedBackward(
        dOut,
        flat(inputs),
        gradients.get(tokens),
        positions == null ? null : gradients.get(positions),
        look(inputs.length),
        scale());
  }

  /** Factor from a table's row to the embedding: its gradient needs it too. */
  float scale() {
    float root = (float) Math.sqrt(c.hiddenSize());
    return positions == null ? root : root * HALF_ROOT;
  }

  private Kernels.Look look(int batch) {
    return new Kernels.Look(batch, c.seqLen(), c.puzzleEmbLen(), c.hiddenSize(), c.vocabSize());
  }

  /** The numbers of a batch, one row after the other. */
  static int[] flat(int[][] rows) {
    return Arrays.stream(rows).flatMapToInt(Arrays::stream).toArray();
  }
}
