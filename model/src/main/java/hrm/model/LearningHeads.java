package hrm.model;

import hrm.model.host.Host;
import java.util.Map;

/**
 * The heads of a batch that learns, their losses and gradients, all on the device: one read at the
 * end of a step brings what it saw.
 */
final class LearningHeads {
  private final HrmConfig c;
  private final Kernels k;
  private final int batch;
  private final Loss.Cells cells;
  private final float haltingScale; // of the gradients of half the binary cross-entropies
  private final Kernels.Look look;
  private final Block weight; // (V, D)
  private final Block qWeight; // (2, D)
  private final Block qBias; // (2)
  private final Block logits; // (B, S, V)
  private final Block dLogits;
  private final Block q; // (B, 2)
  private final Block next; // (B, 2): q of the next segment, or null without a continue head
  private final Block dq; // (B, 2)
  private final Block seen; // (B, 3)
  private final int[] last;
  private final float[] qHost;
  private final float[] nextHost;
  private final float[] seenHost;

  LearningHeads(HrmConfig c, Kernels k, Map<String, Block> parameters, Learner.Options o) {
    this.c = c;
    this.k = k;
    this.batch = o.batch();
    float scale = (float) (1.0 / batch);
    this.cells = new Loss.Cells(o.loss(), (float) o.labelSmoothing(), scale);
    this.haltingScale = 0.5f * scale;
    this.look =
        new Kernels.Look(batch, c.seqLen(), c.puzzleEmbLen(), c.hiddenSize(), c.vocabSize());
    this.weight = parameters.get("lm_head.weight");
    this.qWeight = parameters.get("q_head.weight");
    this.qBias = parameters.get("q_head.bias");
    this.logits = k.allocate((long) batch * c.sequence() * c.vocabSize());
    this.dLogits = k.allocate(logits.length());
    this.q = k.allocate(2L * batch);
    this.next = c.noActContinue() ? null : k.allocate(2L * batch);
    this.dq = k.allocate(2L * batch);
    this.seen = k.allocate(3L * batch);
    this.last = new int[batch];
    this.qHost = new float[2 * batch];
    this.nextHost = new float[2 * batch];
    this.seenHost = new float[3 * batch];
  }

  /** Whether one more segment has to tell what q_continue should have said. */
  boolean hasContinue() {
    return next != null;
  }

  /** Logits, q and the cells' loss of a state (B, S, D). */
  void forward(Block zH, int[] labels) {
    k.linear(zH, weight, logits, batch, c.sequence(), c.hiddenSize(), c.vocabSize());
    k.qHead(zH, qWeight, qBias, q, batch, c.sequence(), c.hiddenSize());
    k.cellLoss(logits, labels, dLogits, seen, cells, look);
  }

  /** The state after one more segment. */
  void forwardNext(Block zH) {
    k.qHead(zH, qWeight, qBias, next, batch, c.sequence(), c.hiddenSize());
  }

  /**
   * Sets dz (B, S, D) and the heads' gradients.
   *
   * @param steps segments of each row, this one included
   */
  void backward(Block zH, int[] steps, int most, Block dz, Map<Block, Block> gradients) {
    int rows = batch * c.sequence();
    int d = c.hiddenSize();
    for (int b = 0; b < batch; b++) {
      last[b] = steps[b] >= most ? 1 : 0;
    }
    k.haltingLoss(q, seen, next, last, dq, batch, haltingScale);
    k.linearBackwardWeight(dLogits, zH, gradients.get(weight), rows, d, c.vocabSize());
    k.linearBackwardInput(dLogits, weight, dz, rows, d, c.vocabSize(), false);
    k.qHeadBackward(
        zH, qWeight, dq, dz, gradients.get(qWeight), gradients.get(qBias), batch, c.sequence(), d);
  }

  /** Waits for the device. */
  void read() {
    q.read(0, qHost, 0, qHost.length);
    seen.read(0, seenHost, 0, seenHost.length);
    if (next != null) {
      next.read(0, nextHost, 0, nextHost.length);
    }
  }

  float qHalt(int row) {
    return qHost[2 * row];
  }

  float qContinue(int row) {
    return qHost[2 * row + 1];
  }

  /** What q_continue should have said. */
  float targetContinue(int row) {
    return (float) Loss.target(nextHost[2 * row], nextHost[2 * row + 1], last[row] == 1);
  }

  /** Mean loss of a row's counted cells. */
  float loss(int row) {
    return seenHost[3 * row];
  }

  int correct(int row) {
    return (int) seenHost[3 * row + 1];
  }

  int counted(int row) {
    return (int) seenHost[3 * row + 2];
  }

  /** A row without labels counts as exact here, as in the reference. */
  boolean exact(int row) {
    return correct(row) == counted(row);
  }

  /** (B, S, V) of the last step; for tests. */
  float[] logits() {
    return Host.read(logits);
  }
}
