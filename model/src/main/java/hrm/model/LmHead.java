package hrm.model;

import java.util.Arrays;

/** lm_head over all positions and q_head over position 0 of z_H. */
final class LmHead implements AutoCloseable {
  private final HrmConfig c;
  private final Kernels k;
  private final Block weight; // (V, D)
  private final float[] qWeight; // (2, D): halt, continue
  private final float[] qBias; // (2)
  private Block logits; // (B, S, V)
  private Block first; // (B, D): position 0 of every row
  private float[] logitsHost = new float[0];
  private float[] firstHost = new float[0];

  LmHead(HrmConfig c, Weights weights, Kernels k) {
    this.c = c;
    this.k = k;
    this.weight = k.constant(weights.get("lm_head.weight"));
    this.qWeight = weights.get("q_head.weight");
    this.qBias = weights.get("q_head.bias");
  }

  Heads read(Block zH, int batch) {
    int s = c.sequence();
    int v = c.vocabSize();
    int d = c.hiddenSize();
    reserve(batch);
    int[] positions = new int[batch];
    Arrays.setAll(positions, b -> b * s);
    k.linear(zH, weight, logits, batch, s, d, v);
    k.gather(zH, positions, null, first, d);
    logits.read(0, logitsHost, 0, batch * s * v);
    first.read(0, firstHost, 0, batch * d);
    float[] cells = new float[batch * c.seqLen() * v];
    float[] qHalt = new float[batch];
    float[] qContinue = new float[batch];
    for (int b = 0; b < batch; b++) {
      System.arraycopy(
          logitsHost, (b * s + c.puzzleEmbLen()) * v, cells, b * c.seqLen() * v, c.seqLen() * v);
      qHalt[b] = q(0, b * d);
      qContinue[b] = q(1, b * d);
    }
    return new Heads(v, cells, qHalt, qContinue);
  }

  private void reserve(int batch) {
    int n = batch * c.sequence() * c.vocabSize();
    if (logitsHost.length < n) {
      release();
      logits = k.allocate(n);
      first = k.allocateActivation((long) batch * c.hiddenSize());
      logitsHost = new float[n];
      firstHost = new float[batch * c.hiddenSize()];
    }
  }

  private void release() {
    logitsHost = new float[0];
    if (logits != null) {
      logits.close();
      logits = null;
    }
    if (first != null) {
      first.close();
      first = null;
    }
  }

  private float q(int row, int at) {
    double sum = qBias[row];
    for (int i = 0; i < c.hiddenSize(); i++) {
      sum += (double) qWeight[row * c.hiddenSize() + i] * firstHost[at + i];
    }
    return (float) sum;
  }

  @Override
  public void close() {
    release();
    weight.close();
  }
}
