package hrm.model;

import hrm.model.host.Host;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The rows of a batch that learns by deep supervision: their examples, their carry, and how long
 * each has been thinking. A row that has halted takes the next example and a fresh carry at the
 * start of the next step, as the published step does.
 */
final class LearningRows {
  private static final int FRESH = 4; // what a stream is for; 1 to 3 are those of a run's data
  private static final int NOISE = 5;

  private final HrmConfig c;
  private final Learner.Options o;
  private final Kernels k;
  private final int perRow; // S D
  private final int[] from;
  private final float[] draws; // S D
  private Block spareH;
  private Block spareL;
  final int[][] inputs;
  final int[][] labels;
  final int[] ids;
  final int[] steps;
  final boolean[] halted;
  Block zH; // (B, S, D)
  Block zL;

  LearningRows(HrmConfig c, Learner.Options o, Kernels k) {
    this.c = c;
    this.o = o;
    this.k = k;
    int batch = o.batch();
    this.perRow = c.sequence() * c.hiddenSize();
    this.from = new int[batch];
    this.draws = new float[perRow];
    this.inputs = new int[batch][c.seqLen()];
    this.labels = new int[batch][c.seqLen()];
    this.ids = new int[batch];
    this.steps = new int[batch];
    this.halted = new boolean[batch];
    Arrays.fill(halted, true);
    long n = (long) batch * perRow;
    this.zH = k.allocateActivation(n);
    this.zL = k.allocateActivation(n);
    this.spareH = k.allocateActivation(n);
    this.spareL = k.allocateActivation(n);
  }

  /** Gives halted rows their next example and a fresh carry; t is the step's number. */
  void refill(Learner.Source source, Block hInit, Block lInit, int t) {
    for (int b = 0; b < from.length; b++) {
      from[b] = halted[b] ? -1 : b;
      if (halted[b]) {
        ids[b] = source.load(b, inputs[b], labels[b]);
        steps[b] = 0;
      }
    }
    k.gather(zH, from, hInit, spareH, perRow);
    k.gather(zL, from, lInit, spareL, perRow);
    swap();
    if (o.randomStates()) {
      for (int b = 0; b < from.length; b++) {
        if (halted[b]) {
          SplittableRandom random = new SplittableRandom(Seeds.of(o.seed(), FRESH, b, t));
          scatter(zH, b, random);
          scatter(zL, b, random);
        }
      }
    }
  }

  /** A standard normal state, as H_init and L_init are drawn, for one row. */
  private void scatter(Block z, int row, SplittableRandom random) {
    for (int i = 0; i < perRow; i++) {
      draws[i] = (float) random.nextGaussian();
    }
    z.write((long) row * perRow, draws, 0, perRow);
  }

  /** Adds normal noise of the given standard deviation to every state. */
  void disturb(double noise, int t) {
    SplittableRandom random = new SplittableRandom(Seeds.of(o.seed(), NOISE, t));
    for (Block z : new Block[] {zH, zL}) {
      for (int b = 0; b < from.length; b++) {
        z.read((long) b * perRow, draws, 0, perRow);
        for (int i = 0; i < perRow; i++) {
          draws[i] += (float) (noise * random.nextGaussian());
        }
        z.write((long) b * perRow, draws, 0, perRow);
      }
    }
  }

  /** Every row has thought one segment more. */
  void advance() {
    for (int b = 0; b < steps.length; b++) {
      steps[b]++;
    }
  }

  /** Decides which rows' thinking has ended: by the halting head, which exploration overrules. */
  void halt(LearningHeads heads, Learner.Exploration exploration) {
    for (int b = 0; b < steps.length; b++) {
      boolean last = steps[b] >= o.maxSegments();
      boolean stop = last || c.halts(heads.qHalt(b), heads.qContinue(b));
      int minimum = exploration.uniform(b) < c.haltExplorationProb() ? exploration.minimum(b) : 0;
      halted[b] = o.maxSegments() == 1 || stop && steps[b] >= minimum;
    }
  }

  /** The new carry. */
  void carry(Block h, Block l) {
    k.copy(h, spareH, from.length * perRow);
    k.copy(l, spareL, from.length * perRow);
    swap();
  }

  private void swap() {
    Block h = zH;
    zH = spareH;
    spareH = h;
    Block l = zL;
    zL = spareL;
    spareL = l;
  }

  void snapshot(Map<String, float[]> all) {
    all.put("carry/z_H", Host.read(zH));
    all.put("carry/z_L", Host.read(zL));
    float[] rows = new float[from.length * (3 + 2 * c.seqLen())];
    int at = 0;
    for (int b = 0; b < from.length; b++) {
      rows[at++] = halted[b] ? 1 : 0;
      rows[at++] = steps[b];
      rows[at++] = Float.intBitsToFloat(ids[b]);
      for (int s = 0; s < c.seqLen(); s++) {
        rows[at++] = inputs[b][s];
        rows[at++] = labels[b][s];
      }
    }
    all.put("rows", rows);
  }

  void restore(Map<String, float[]> all) {
    Host.write(zH, all.get("carry/z_H"));
    Host.write(zL, all.get("carry/z_L"));
    float[] rows = all.get("rows");
    int at = 0;
    for (int b = 0; b < from.length; b++) {
      halted[b] = rows[at++] == 1;
      steps[b] = (int) rows[at++];
      ids[b] = Float.floatToRawIntBits(rows[at++]);
      for (int s = 0; s < c.seqLen(); s++) {
        inputs[b][s] = (int) rows[at++];
        labels[b][s] = (int) rows[at++];
      }
    }
  }
}
