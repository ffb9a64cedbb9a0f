package hrm.model;

import hrm.model.host.Host;
import java.util.Arrays;
import java.util.Map;

/** The embedding of a batch that learns: its tables, the puzzles' own among them, on the device. */
final class LearningEmbedding {
  private final HrmConfig c;
  private final Kernels k;
  private final float weightDecay; // of the puzzles
  private final int width; // P D: a puzzle's vector, zero-padded to whole positions
  private final Embedding embedding;
  private final Block table; // (ids, P D), or null
  private final Block puzzles; // (B, P, D), or null
  private final Block dPuzzles; // (B, P, D), but for the embedding's scale
  private final int[] prefixRows; // (B P) of (B S)

  LearningEmbedding(
      HrmConfig c, Kernels k, Map<String, Block> parameters, float[] puzzles, Learner.Options o) {
    this.c = c;
    this.k = k;
    this.weightDecay = (float) o.puzzleWeightDecay();
    this.width = c.puzzleEmbLen() * c.hiddenSize();
    this.embedding = new Embedding(c, k, parameters::get);
    this.prefixRows = new int[o.batch() * c.puzzleEmbLen()];
    int p = c.puzzleEmbLen();
    Arrays.setAll(prefixRows, i -> i / p * c.sequence() + i % p);
    if (puzzles == null) {
      this.table = null;
      this.puzzles = null;
      this.dPuzzles = null;
    } else {
      this.table = k.allocate((long) puzzles.length / c.puzzleEmbNdim() * width);
      this.puzzles = k.allocate((long) o.batch() * width);
      this.dPuzzles = k.allocateActivation((long) o.batch() * width);
      restore(puzzles);
    }
  }

  /** Writes the rows' embedding (B, S, D) to {@code emb}. */
  void forward(LearningRows rows, Block emb) {
    if (table != null) {
      k.gather(table, rows.ids, null, puzzles, width);
    }
    embedding.forward(rows.inputs, puzzles, emb);
  }

  /** Sets the tables' gradients from the embedding's, dEmb (B, S, D). */
  void backward(LearningRows rows, Block dEmb, Map<Block, Block> gradients) {
    embedding.backward(rows.inputs, dEmb, gradients);
    if (table != null) {
      k.gather(dEmb, prefixRows, null, dPuzzles, c.hiddenSize());
    }
  }

  /** Moves the puzzles of the batch, by the signs of their gradients. */
  void step(double lr, int[] ids) {
    if (table != null) {
      k.signSgd(table, ids, dPuzzles, width, c.puzzleEmbNdim(), (float) lr, weightDecay);
    }
  }

  /** The puzzles' table (ids, ndim), or null. */
  float[] puzzles() {
    return table == null ? null : rows(Host.read(table), width, c.puzzleEmbNdim());
  }

  void restore(float[] puzzles) {
    Host.write(table, rows(puzzles, c.puzzleEmbNdim(), width));
  }

  /** The gradient (B, ndim) of the rows' own vectors; for tests. */
  float[] puzzleGradient() {
    float[] gradient = rows(Host.read(dPuzzles), width, c.puzzleEmbNdim());
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] *= embedding.scale();
    }
    return gradient;
  }

  /** Rows of another width, cut off or padded with zeros. */
  private static float[] rows(float[] from, int width, int to) {
    float[] rows = new float[from.length / width * to];
    for (int i = 0; i < from.length / width; i++) {
      System.arraycopy(from, i * width, rows, i * to, Math.min(width, to));
    }
    return rows;
  }
}
