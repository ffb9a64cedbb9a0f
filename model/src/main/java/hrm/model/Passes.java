package hrm.model;

import java.util.Map;

/**
 * One segment of a batch that learns, forward with its last calls on tape, and backward through
 * them: the last L and H call (HRM's one-step gradient, section 2.2 of the paper) or the whole last
 * cycle (TRM, arXiv 2510.04871).
 */
final class Passes {
  private final Kernels k;
  private final int batch;
  private final int n; // B S D
  private final Level high;
  private final Level low;
  private final Level.Buffers highBuffers;
  private final Level.Buffers lowBuffers;
  private final Level.Tape highTape;
  private final Level.Tape[] lowTapes;
  private final Layer.Scratch scratch;
  private final Block injection;
  private int taped; // L calls on tape in the last forward pass

  Passes(HrmConfig c, Map<String, Block> parameters, Learner.Options o, Kernels k) {
    this.k = k;
    this.batch = o.batch();
    this.n = batch * c.sequence() * c.hiddenSize();
    Block rope = Rope.table(k, c);
    this.high = new Level(c, "H_level", parameters::get, rope);
    this.low = new Level(c, "L_level", parameters::get, rope);
    this.highBuffers = high.buffers(k);
    this.lowBuffers = low.buffers(k);
    this.highTape = high.tape(k, batch);
    this.lowTapes = new Level.Tape[o.lastCycle() ? c.lCycles() : 1];
    for (int i = 0; i < lowTapes.length; i++) {
      lowTapes[i] = low.tape(k, batch);
    }
    this.scratch = new Layer.Scratch(k, c, batch);
    this.injection = k.allocateActivation(n);
  }

  /** Runs one segment from the rows' carry; the new carry is theirs afterwards. */
  void forward(LearningRows rows, Block emb, Depth depth) {
    Block h = rows.zH;
    Block l = rows.zL;
    taped = Math.min(lowTapes.length, depth.lCycles());
    for (int cycle = 0; cycle < depth.hCycles(); cycle++) {
      boolean last = cycle == depth.hCycles() - 1;
      k.add(h, emb, injection, n);
      for (int tick = 0; tick < depth.lCycles(); tick++) {
        int tape = tick - (depth.lCycles() - taped);
        l =
            last && tape >= 0
                ? low.record(k, lowTapes[tape], l, injection, batch)
                : low.step(lowBuffers, l, injection, batch);
      }
      h = last ? high.record(k, highTape, h, l, batch) : high.step(highBuffers, h, l, batch);
    }
    rows.carry(h, l);
  }

  /** z_H after one more segment, for the continue head's target; the carry stays as it is. */
  Block peek(LearningRows rows, Block emb, Depth depth) {
    Block h = rows.zH;
    Block l = rows.zL;
    for (int cycle = 0; cycle < depth.hCycles(); cycle++) {
      k.add(h, emb, injection, n);
      for (int tick = 0; tick < depth.lCycles(); tick++) {
        l = low.step(lowBuffers, l, injection, batch);
      }
      h = high.step(highBuffers, h, l, batch);
    }
    return h;
  }

  /**
   * Adds to the weights' gradients.
   *
   * @param dz gradient of the new z_H (B, S, D); overwritten
   * @param dEmb receives the gradient of the embedding
   */
  void backward(Block dz, Block dEmb, Map<Block, Block> gradients) {
    high.backward(k, highTape, dz, scratch, gradients, batch);
    for (int i = taped - 1; i >= 0; i--) {
      low.backward(k, lowTapes[i], dz, scratch, gradients, batch);
      if (i == taped - 1) {
        k.copy(dz, dEmb, n);
      } else {
        k.add(dz, dEmb, dEmb, n);
      }
    }
  }

  /** Cycles of one segment, which a curriculum may begin below the config's. */
  record Depth(int hCycles, int lCycles) {}
}
