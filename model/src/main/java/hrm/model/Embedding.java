package hrm.model;

/**
 * Input embeddings (B, S, D): the puzzle's own vector first, zero-padded to whole positions, then
 * the tokens; with learned positions 0.7071 (x + pos); all times sqrt(D). Done on the host: it is a
 * look-up of B S rows, once a segment at most.
 */
final class Embedding {
  private static final float HALF_ROOT = 0.707106781f;

  private final HrmConfig c;
  private final float[] tokens; // (V, D)
  private final float[] puzzles; // (ids, ndim), or null
  private final float[] positions; // (S, D), or null

  Embedding(HrmConfig c, float[] tokens, float[] puzzles, float[] positions) {
    this.c = c;
    this.tokens = tokens;
    this.puzzles = puzzles;
    this.positions = positions;
  }

  Embedding(Weights w) {
    this(
        w.config(),
        w.get("embed_tokens.embedding_weight"),
        w.config().puzzleEmbNdim() > 0 ? w.get("puzzle_emb.weights") : null,
        w.config().positions() == HrmConfig.Positions.LEARNED
            ? w.get("embed_pos.embedding_weight")
            : null);
  }

  /** Factor from a table's row to the embedding: its gradient needs it too. */
  float scale() {
    float root = (float) Math.sqrt(c.hiddenSize());
    return positions == null ? root : root * HALF_ROOT;
  }

  /** Writes (B, S, D) to {@code out}; inputs (B)(seq_len), ids (B). */
  void embed(int[][] inputs, int[] ids, float[] out) {
    int d = c.hiddenSize();
    int p = c.puzzleEmbLen();
    int ndim = c.puzzleEmbNdim();
    float root = (float) Math.sqrt(d);
    for (int b = 0; b < inputs.length; b++) {
      int row = b * c.sequence() * d;
      java.util.Arrays.fill(out, row, row + p * d, 0);
      if (puzzles != null) {
        System.arraycopy(puzzles, ids[b] * ndim, out, row, ndim);
      }
      for (int s = 0; s < c.seqLen(); s++) {
        System.arraycopy(tokens, inputs[b][s] * d, out, row + (p + s) * d, d);
      }
      for (int i = 0; i < c.sequence() * d; i++) {
        float x = out[row + i];
        out[row + i] = root * (positions == null ? x : HALF_ROOT * (x + positions[i]));
      }
    }
  }

  /** The puzzles' own vectors of a batch (B, P, D), zero-padded to whole positions. */
  float[] puzzles(int[] ids) {
    int ndim = c.puzzleEmbNdim();
    int wide = c.puzzleEmbLen() * c.hiddenSize();
    float[] rows = new float[ids.length * wide];
    for (int b = 0; puzzles != null && b < ids.length; b++) {
      System.arraycopy(puzzles, ids[b] * ndim, rows, b * wide, ndim);
    }
    return rows;
  }

  Kernels.Look look(int batch) {
    return new Kernels.Look(batch, c.seqLen(), c.puzzleEmbLen(), c.hiddenSize(), c.vocabSize());
  }

  /** The tokens of a batch, one after the other. */
  static int[] flat(int[][] inputs) {
    return java.util.Arrays.stream(inputs).flatMapToInt(java.util.Arrays::stream).toArray();
  }
}
