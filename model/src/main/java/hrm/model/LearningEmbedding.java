package hrm.model;

import java.util.Arrays;
import java.util.Map;

/** The embedding of a batch that learns, forward and backward, over host copies of its tables. */
final class LearningEmbedding {
  private final HrmConfig c;
  private final Map<String, Block> parameters;
  private final float[] tokens; // (V, D)
  private final float[] positions; // (S, D), or null
  private final Embedding embedding;
  private final float[] host; // (B, S, D): the embedding, then its gradient
  private final float[] dTokens;
  private final float[] dPositions; // or null
  final float[] dPuzzle; // (B, ndim): one gradient a row, for SignSGD

  LearningEmbedding(
      HrmConfig c, Map<String, Block> parameters, float[] puzzleEmbedding, int batch) {
    this.c = c;
    this.parameters = parameters;
    boolean learned = c.positions() == HrmConfig.Positions.LEARNED;
    this.tokens = new float[c.vocabSize() * c.hiddenSize()];
    this.positions = learned ? new float[c.sequence() * c.hiddenSize()] : null;
    this.embedding = new Embedding(c, tokens, puzzleEmbedding, positions);
    this.host = new float[batch * c.sequence() * c.hiddenSize()];
    this.dTokens = new float[tokens.length];
    this.dPositions = learned ? new float[positions.length] : null;
    this.dPuzzle = new float[batch * c.puzzleEmbNdim()];
  }

  /** Writes the rows' embedding (B, S, D) to {@code emb}. */
  void forward(LearningRows rows, Block emb) {
    Host.read(parameters.get("embed_tokens.embedding_weight"), tokens);
    if (positions != null) {
      Host.read(parameters.get("embed_pos.embedding_weight"), positions);
    }
    embedding.embed(rows.inputs, rows.ids, host);
    Host.write(emb, host);
  }

  /** Sets the tables' gradients from the embedding's, dEmb (B, S, D). */
  void backward(LearningRows rows, Block dEmb, Map<Block, Block> gradients) {
    int d = c.hiddenSize();
    int p = c.puzzleEmbLen();
    int ndim = c.puzzleEmbNdim();
    float scale = embedding.scale();
    Host.read(dEmb, host);
    Arrays.fill(dTokens, 0);
    if (dPositions != null) {
      Arrays.fill(dPositions, 0);
    }
    for (int b = 0; b < rows.ids.length; b++) {
      int row = b * c.sequence() * d;
      for (int i = 0; i < ndim; i++) {
        dPuzzle[b * ndim + i] = scale * host[row + i];
      }
      for (int s = 0; s < c.seqLen(); s++) {
        int token = rows.inputs[b][s] * d;
        int at = row + (p + s) * d;
        for (int i = 0; i < d; i++) {
          dTokens[token + i] += scale * host[at + i];
        }
      }
      for (int i = 0; dPositions != null && i < dPositions.length; i++) {
        dPositions[i] += scale * host[row + i];
      }
    }
    Host.write(gradients.get(parameters.get("embed_tokens.embedding_weight")), dTokens);
    if (dPositions != null) {
      Host.write(gradients.get(parameters.get("embed_pos.embedding_weight")), dPositions);
    }
  }
}
