package hrm.model;

import java.util.Arrays;
import java.util.Map;

/** The embedding of a batch that learns, forward and backward, over host copies of its tables. */
final class LearningEmbedding {
  private final HrmConfig c;
  private final Kernels k;
  private final Map<String, Block> parameters;
  private final float[] tokens; // (V, D)
  private final float[] positions; // (S, D), or null
  private final Embedding embedding;
  private final float[] host; // (B, S, D): the embedding, then its gradient
  private final Block puzzles; // (B, P, D), where the device embeds
  private final Block dPrefix; // (B, P, D)
  private final float[] prefixHost;
  private final float[] dTokens;
  private final float[] dPositions; // or null
  final float[] dPuzzle; // (B, ndim): one gradient a row, for SignSGD

  LearningEmbedding(
      HrmConfig c, Kernels k, Map<String, Block> parameters, float[] puzzleEmbedding, int batch) {
    this.c = c;
    this.k = k;
    this.parameters = parameters;
    boolean learned = c.positions() == HrmConfig.Positions.LEARNED;
    this.tokens = new float[c.vocabSize() * c.hiddenSize()];
    this.positions = learned ? new float[c.sequence() * c.hiddenSize()] : null;
    this.embedding = new Embedding(c, tokens, puzzleEmbedding, positions);
    boolean here = k.embeds();
    int prefix = batch * c.puzzleEmbLen() * c.hiddenSize();
    this.host = new float[here ? 0 : batch * c.sequence() * c.hiddenSize()];
    this.puzzles = here && prefix > 0 ? k.allocate(prefix) : null;
    this.dPrefix = here && prefix > 0 ? k.allocateActivation(prefix) : null;
    this.prefixHost = new float[here ? prefix : 0];
    this.dTokens = new float[tokens.length];
    this.dPositions = learned ? new float[positions.length] : null;
    this.dPuzzle = new float[batch * c.puzzleEmbNdim()];
  }

  /** Writes the rows' embedding (B, S, D) to {@code emb}. */
  void forward(LearningRows rows, Block emb) {
    if (k.embeds()) {
      float[] own = embedding.puzzles(rows.ids);
      if (own.length > 0) {
        puzzles.write(0, own, 0, own.length);
      }
      k.embed(
          parameters.get("embed_tokens.embedding_weight"),
          puzzles,
          parameters.get("embed_pos.embedding_weight"),
          Embedding.flat(rows.inputs),
          emb,
          embedding.look(rows.ids.length));
      return;
    }
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
    if (k.embeds()) {
      backwardOnDevice(rows, dEmb, gradients, scale);
      return;
    }
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

  private void backwardOnDevice(
      LearningRows rows, Block dEmb, Map<Block, Block> gradients, float scale) {
    int batch = rows.ids.length;
    int d = c.hiddenSize();
    int p = c.puzzleEmbLen();
    int ndim = c.puzzleEmbNdim();
    k.embedBackward(
        dEmb,
        Embedding.flat(rows.inputs),
        gradients.get(parameters.get("embed_tokens.embedding_weight")),
        positions == null ? null : gradients.get(parameters.get("embed_pos.embedding_weight")),
        embedding.look(batch),
        scale);
    if (ndim > 0) {
      int[] from = new int[batch * p];
      Arrays.setAll(from, i -> i / p * c.sequence() + i % p);
      k.gather(dEmb, from, null, dPrefix, d);
      Host.read(dPrefix, prefixHost);
      for (int b = 0; b < batch; b++) {
        for (int i = 0; i < ndim; i++) {
          dPuzzle[b * ndim + i] = scale * prefixHost[b * p * d + i];
        }
      }
    }
  }
}
