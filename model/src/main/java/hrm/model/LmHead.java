package hrm.model;

/** lm_head over all positions and q_head over position 0 of z_H. */
final class LmHead implements AutoCloseable {
  private final HrmConfig c;
  private final Kernels k;
  private final Block weight; // (V, D)
  private final float[] qWeight; // (2, D): halt, continue
  private final float[] qBias; // (2)
  private final float[] first; // (D)
  private Block logits; // (B, S, V)

  LmHead(HrmConfig c, Weights weights, Kernels k) {
    this.c = c;
    this.k = k;
    float[] w = weights.get("lm_head.weight");
    this.weight = k.allocate(w.length);
    this.weight.write(0, w, 0, w.length);
    this.qWeight = weights.get("q_head.weight");
    this.qBias = weights.get("q_head.bias");
    this.first = new float[c.hiddenSize()];
  }

  Heads read(Block zH, int batch) {
    int s = c.sequence();
    int v = c.vocabSize();
    long n = (long) batch * s * v;
    if (logits == null || logits.length() < n) {
      logits = k.allocate(n);
    }
    k.linear(zH, weight, logits, batch, s, c.hiddenSize(), v);
    float[] cells = new float[batch * c.seqLen() * v];
    float[] qHalt = new float[batch];
    float[] qContinue = new float[batch];
    for (int b = 0; b < batch; b++) {
      logits.read(((long) b * s + c.puzzleEmbLen()) * v, cells, b * c.seqLen() * v, c.seqLen() * v);
      zH.read((long) b * s * c.hiddenSize(), first, 0, c.hiddenSize());
      qHalt[b] = q(0);
      qContinue[b] = q(1);
    }
    return new Heads(v, cells, qHalt, qContinue);
  }

  private float q(int row) {
    double sum = qBias[row];
    for (int i = 0; i < first.length; i++) {
      sum += (double) qWeight[row * first.length + i] * first[i];
    }
    return (float) sum;
  }

  @Override
  public void close() {
    weight.close();
  }
}
