package hrm.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** lm_head over all positions and q_head over position 0 of z_H. */
final class LmHead implements AutoCloseable {
  private final HrmConfig c;
  private final Kernels k;
  private final Block weight; // (V, D)
  private final Block qWeight; // (2, D): halt, continue
  private final Block qBias; // (2)
  private Block logits; // (B, S, V)
  private Block q; // (B, 2)
  private float[] logitsHost = new float[0];
  private float[] qHost = new float[0];

  LmHead(HrmConfig c, Kernels k, Function<String, Block> weights) {
    this.c = c;
    this.k = k;
    this.weight = weights.apply("lm_head.weight");
    this.qWeight = weights.apply("q_head.weight");
    this.qBias = weights.apply("q_head.bias");
  }

  /** What z_H (B, S, D) says; {@code more} comes with it. */
  Heads read(Block zH, int batch, List<Reading> more) {
    int s = c.sequence();
    int v = c.vocabSize();
    int d = c.hiddenSize();
    reserve(batch);
    k.linear(zH, weight, logits, batch, s, d, v);
    k.qHead(zH, qWeight, qBias, q, batch, s, d);
    List<Reading> readings = new ArrayList<>(more);
    readings.add(new Reading(logits, 0, logitsHost, batch * s * v));
    readings.add(new Reading(q, 0, qHost, 2 * batch));
    k.read(readings);
    float[] cells = new float[batch * c.seqLen() * v];
    float[] qHalt = new float[batch];
    float[] qContinue = new float[batch];
    for (int b = 0; b < batch; b++) {
      System.arraycopy(
          logitsHost, (b * s + c.puzzleEmbLen()) * v, cells, b * c.seqLen() * v, c.seqLen() * v);
      qHalt[b] = qHost[2 * b];
      qContinue[b] = qHost[2 * b + 1];
    }
    return new Heads(v, cells, qHalt, qContinue);
  }

  private void reserve(int batch) {
    int n = batch * c.sequence() * c.vocabSize();
    if (logitsHost.length < n) {
      close();
      logits = k.allocate(n);
      q = k.allocate(2L * batch);
      logitsHost = new float[n];
      qHost = new float[2 * batch];
    }
  }

  @Override
  public void close() {
    logitsHost = new float[0];
    if (logits != null) {
      logits.close();
      logits = null;
    }
    if (q != null) {
      q.close();
      q = null;
    }
  }
}
