package hrm.model;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One model being trained: parameters, gradients and optimizer state on one device, the carry of
 * the running rows, and the published training step (deep supervision over the carry, gradient
 * through the last calls only). One thread at a time.
 */
public final class Learner implements AutoCloseable {
  /**
   * How to learn.
   *
   * @param maxSegments a row starts over after so many; the reference's halt_max_steps
   * @param lastCycle gradient through the whole last cycle (TRM) instead of the last L and H call
   * @param emaDecay of the shadow weights; 0 for none
   */
  public record Options(
      int batch,
      int maxSegments,
      Loss.Type loss,
      boolean lastCycle,
      float weightDecay,
      float puzzleWeightDecay,
      float beta1,
      float beta2,
      float emaDecay) {}

  /** Gives a vacated row its next example: fills inputs and labels, returns the puzzle id. */
  public interface Source {
    int load(int row, int[] inputs, int[] labels);
  }

  /** The exploration draws of one row: u in [0,1), and a minimum of segments in 2..halt_max. */
  public interface Exploration {
    double uniform(int row);

    int minimum(int row);
  }

  /** What one step saw; exact and halted count rows whose thinking ended and that had labels. */
  public record Metrics(
      double loss,
      double lm,
      double qHalt,
      double qContinue,
      int cells,
      int correctCells,
      int halted,
      int exact,
      int qHaltCorrect,
      long segments) {}

  private final HrmConfig c;
  private final Options o;
  private final Kernels k;
  private final Map<String, Block> parameters = new LinkedHashMap<>();
  private final Map<String, Block> ema = new LinkedHashMap<>();
  private final Map<Block, Block> gradients = new LinkedHashMap<>();
  private final Map<String, Block[]> moments = new LinkedHashMap<>();
  private final float[] puzzleEmbedding; // (ids, ndim), learns by SignSGD on the host; or null
  private final Level high;
  private final Level low;
  private final Level.Buffers highBuffers;
  private final Level.Buffers lowBuffers;
  private final Level.Tape highTape;
  private final Level.Tape[] lowTapes;
  private final Layer.Scratch scratch;
  private final Block emb;
  private final Block injection;
  private final Block dz;
  private final Block dEmb;
  private final Block logits;
  private final Block dLogits;
  private Block zH;
  private Block zL;
  private Block spareH;
  private Block spareL;
  private final int n; // B S D
  final int[][] inputs;
  final int[][] labels;
  final int[] ids;
  final int[] steps;
  final boolean[] halted;
  Heads heads;
  float[] targetContinue;
  private int t;

  public Learner(HrmConfig c, Weights weights, Options o, Kernels k) {
    this.c = c;
    this.o = o;
    this.k = k;
    weights
        .tensors()
        .forEach(
            (name, data) -> {
              if (name.equals("puzzle_emb.weights")) {
                return;
              }
              Block block = block(data);
              parameters.put(name, block);
              if (!name.endsWith("_init")) {
                gradients.put(block, k.allocate(data.length));
                moments.put(name, new Block[] {k.allocate(data.length), k.allocate(data.length)});
              }
              if (o.emaDecay() > 0) {
                ema.put(name, block(data));
              }
            });
    this.puzzleEmbedding = c.puzzleEmbNdim() > 0 ? weights.get("puzzle_emb.weights").clone() : null;
    int batch = o.batch();
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
    this.emb = k.allocate(n);
    this.injection = k.allocate(n);
    this.dz = k.allocate(n);
    this.dEmb = k.allocate(n);
    this.zH = k.allocate(n);
    this.zL = k.allocate(n);
    this.spareH = k.allocate(n);
    this.spareL = k.allocate(n);
    this.logits = k.allocate((long) batch * c.sequence() * c.vocabSize());
    this.dLogits = k.allocate(logits.length());
    this.inputs = new int[batch][c.seqLen()];
    this.labels = new int[batch][c.seqLen()];
    this.ids = new int[batch];
    this.steps = new int[batch];
    this.halted = new boolean[batch];
    java.util.Arrays.fill(halted, true);
  }

  private Block block(float[] data) {
    Block block = k.allocate(data.length);
    block.write(0, data, 0, data.length);
    return block;
  }

  /**
   * One optimizer step: one segment of every row, its loss, backward pass, update.
   *
   * @param lr of everything but the puzzle embedding
   */
  public Metrics step(Source source, Exploration exploration, double lr, double puzzleLr) {
    refill(source);
    Embedding embedding = embedding();
    float[] host = new float[n];
    embedding.embed(inputs, ids, host);
    emb.write(0, host, 0, n);

    forward();
    k.linear(
        zH,
        parameters.get("lm_head.weight"),
        logits,
        o.batch(),
        c.sequence(),
        c.hiddenSize(),
        c.vocabSize());
    float[] cells = read(logits);
    heads = new Heads(c.vocabSize(), new float[0], q(zH, 0), q(zH, 1));
    for (int b = 0; b < o.batch(); b++) {
      steps[b]++;
      boolean last = steps[b] >= o.maxSegments();
      boolean stop = last || c.halts(heads.qHalt()[b], heads.qContinue()[b]);
      int minimum = exploration.uniform(b) < c.haltExplorationProb() ? exploration.minimum(b) : 0;
      halted[b] = o.maxSegments() == 1 || stop && steps[b] >= minimum;
    }
    targetContinue = c.noActContinue() ? null : targets();
    float[] dLogitsHost = new float[cells.length];
    float[] dQ = new float[2 * o.batch()];
    Loss loss =
        Loss.of(
            c, o.loss(), cells, labels, heads, targetContinue, 1.0 / o.batch(), dLogitsHost, dQ);
    dLogits.write(0, dLogitsHost, 0, dLogitsHost.length);
    backward(embedding, dQ);
    update(lr, puzzleLr);
    return metrics(loss);
  }

  /** Rows that have halted start over with a fresh example and a fresh carry. */
  private void refill(Source source) {
    int[] from = new int[o.batch()];
    for (int b = 0; b < o.batch(); b++) {
      from[b] = halted[b] ? -1 : b;
      if (halted[b]) {
        ids[b] = source.load(b, inputs[b], labels[b]);
        steps[b] = 0;
      }
    }
    k.gather(zH, from, parameters.get("H_init"), spareH, c.sequence() * c.hiddenSize());
    k.gather(zL, from, parameters.get("L_init"), spareL, c.sequence() * c.hiddenSize());
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

  /** The segment with its last calls on tape; the new carry ends in zH, zL. */
  private void forward() {
    int batch = o.batch();
    Block h = zH;
    Block l = zL;
    for (int cycle = 0; cycle < c.hCycles(); cycle++) {
      boolean lastCycle = cycle == c.hCycles() - 1;
      k.add(h, emb, injection, n);
      for (int tick = 0; tick < c.lCycles(); tick++) {
        int tape = tick - (c.lCycles() - lowTapes.length);
        l =
            lastCycle && tape >= 0
                ? low.record(k, lowTapes[tape], l, injection, batch)
                : low.step(lowBuffers, l, injection, batch);
      }
      h = lastCycle ? high.record(k, highTape, h, l, batch) : high.step(highBuffers, h, l, batch);
    }
    k.copy(h, spareH, n);
    k.copy(l, spareL, n);
    swap();
  }

  /** sigmoid of what one more segment from the new carry says, with the same weights. */
  private float[] targets() {
    int batch = o.batch();
    Block h = zH;
    Block l = zL;
    for (int cycle = 0; cycle < c.hCycles(); cycle++) {
      k.add(h, emb, injection, n);
      for (int tick = 0; tick < c.lCycles(); tick++) {
        l = low.step(lowBuffers, l, injection, batch);
      }
      h = high.step(highBuffers, h, l, batch);
    }
    float[] qHalt = q(h, 0);
    float[] qContinue = q(h, 1);
    float[] target = new float[batch];
    for (int b = 0; b < batch; b++) {
      boolean last = steps[b] >= o.maxSegments();
      target[b] = (float) Loss.sigmoid(last ? qHalt[b] : Math.max(qHalt[b], qContinue[b]));
    }
    return target;
  }

  private float[] q(Block z, int row) {
    int d = c.hiddenSize();
    float[] weight = read(parameters.get("q_head.weight"));
    float[] bias = read(parameters.get("q_head.bias"));
    float[] first = new float[d];
    float[] q = new float[o.batch()];
    for (int b = 0; b < o.batch(); b++) {
      z.read((long) b * c.sequence() * d, first, 0, d);
      double sum = bias[row];
      for (int i = 0; i < d; i++) {
        sum += (double) weight[row * d + i] * first[i];
      }
      q[b] = (float) sum;
    }
    return q;
  }

  private void backward(Embedding embedding, float[] dQ) {
    int batch = o.batch();
    int d = c.hiddenSize();
    int rows = batch * c.sequence();
    gradients.values().forEach(g -> k.fill(g, (int) g.length(), 0));
    Block lmHead = parameters.get("lm_head.weight");
    k.linearBackwardWeight(dLogits, zH, gradients.get(lmHead), rows, d, c.vocabSize());
    k.linearBackwardInput(dLogits, lmHead, dz, rows, d, c.vocabSize(), false);
    backwardQ(dQ);
    high.backward(k, highTape, dz, scratch, gradients, batch);
    for (int i = lowTapes.length - 1; i >= 0; i--) {
      low.backward(k, lowTapes[i], dz, scratch, gradients, batch);
      if (i == lowTapes.length - 1) {
        k.copy(dz, dEmb, n);
      } else {
        k.add(dz, dEmb, dEmb, n);
      }
    }
    backwardEmbedding(embedding.scale());
  }

  private void backwardQ(float[] dQ) {
    int d = c.hiddenSize();
    float[] weight = read(parameters.get("q_head.weight"));
    float[] dWeight = new float[2 * d];
    float[] dBias = new float[2];
    float[] first = new float[d];
    for (int b = 0; b < o.batch(); b++) {
      long at = (long) b * c.sequence() * d;
      zH.read(at, first, 0, d);
      for (int row = 0; row < 2; row++) {
        dBias[row] += dQ[2 * b + row];
        for (int i = 0; i < d; i++) {
          dWeight[row * d + i] += dQ[2 * b + row] * first[i];
        }
      }
      dz.read(at, first, 0, d);
      for (int i = 0; i < d; i++) {
        first[i] += dQ[2 * b] * weight[i] + dQ[2 * b + 1] * weight[d + i];
      }
      dz.write(at, first, 0, d);
    }
    write(gradients.get(parameters.get("q_head.weight")), dWeight);
    write(gradients.get(parameters.get("q_head.bias")), dBias);
  }

  private float[] dPuzzle; // (B, ndim): gradient per row, for SignSGD

  private void backwardEmbedding(float scale) {
    int d = c.hiddenSize();
    int p = c.puzzleEmbLen();
    float[] gradient = read(dEmb); // (B, S, D)
    float[] dTokens = new float[c.vocabSize() * d];
    dPuzzle = new float[o.batch() * c.puzzleEmbNdim()];
    boolean learned = c.positions() == HrmConfig.Positions.LEARNED;
    float[] dPositions = learned ? new float[c.sequence() * d] : null;
    for (int b = 0; b < o.batch(); b++) {
      int row = b * c.sequence() * d;
      for (int i = 0; i < c.puzzleEmbNdim(); i++) {
        dPuzzle[b * c.puzzleEmbNdim() + i] = scale * gradient[row + i];
      }
      for (int s = 0; s < c.seqLen(); s++) {
        for (int i = 0; i < d; i++) {
          dTokens[inputs[b][s] * d + i] += scale * gradient[row + (p + s) * d + i];
        }
      }
      for (int i = 0; learned && i < c.sequence() * d; i++) {
        dPositions[i] += scale * gradient[row + i];
      }
    }
    write(gradients.get(parameters.get("embed_tokens.embedding_weight")), dTokens);
    if (learned) {
      write(gradients.get(parameters.get("embed_pos.embedding_weight")), dPositions);
    }
  }

  private void update(double lr, double puzzleLr) {
    t++;
    Kernels.AdamStep step =
        new Kernels.AdamStep((float) lr, o.weightDecay(), o.beta1(), o.beta2(), t);
    moments.forEach(
        (name, mv) -> {
          Block p = parameters.get(name);
          k.adamATan2(p, gradients.get(p), mv[0], mv[1], (int) p.length(), step, 1f);
        });
    ema.forEach(
        (name, shadow) ->
            k.average(parameters.get(name), shadow, (int) shadow.length(), o.emaDecay()));
    if (puzzleEmbedding != null) {
      signSgd(puzzleLr);
    }
  }

  /** w = w (1 - lr wd) - lr sign(sum of equal ids' gradients), only for rows in the batch. */
  private void signSgd(double lr) {
    int ndim = c.puzzleEmbNdim();
    Map<Integer, double[]> sums = new LinkedHashMap<>();
    for (int b = 0; b < o.batch(); b++) {
      double[] sum = sums.computeIfAbsent(ids[b], id -> new double[ndim]);
      for (int i = 0; i < ndim; i++) {
        sum[i] += dPuzzle[b * ndim + i];
      }
    }
    sums.forEach(
        (id, sum) -> {
          for (int i = 0; i < ndim; i++) {
            int at = id * ndim + i;
            puzzleEmbedding[at] =
                (float)
                    (puzzleEmbedding[at] * (1 - lr * o.puzzleWeightDecay())
                        - lr * Math.signum(sum[i]));
          }
        });
  }

  private Metrics metrics(Loss loss) {
    int ended = 0;
    int exact = 0;
    int qCorrect = 0;
    long segments = 0;
    for (int b = 0; b < o.batch(); b++) {
      if (halted[b] && loss.counted[b] > 0) {
        ended++;
        exact += loss.exact[b] ? 1 : 0;
        qCorrect += heads.qHalt()[b] >= 0 == loss.exact[b] ? 1 : 0;
        segments += steps[b];
      }
    }
    return new Metrics(
        loss.total(),
        loss.lm,
        loss.qHalt,
        loss.qContinue,
        loss.cells,
        loss.correctCells,
        ended,
        exact,
        qCorrect,
        segments);
  }

  private Embedding embedding() {
    return new Embedding(
        c,
        read(parameters.get("embed_tokens.embedding_weight")),
        puzzleEmbedding,
        c.positions() == HrmConfig.Positions.LEARNED
            ? read(parameters.get("embed_pos.embedding_weight"))
            : null);
  }

  private static float[] read(Block block) {
    float[] data = new float[(int) block.length()];
    block.read(0, data, 0, data.length);
    return data;
  }

  private static void write(Block block, float[] data) {
    block.write(0, data, 0, data.length);
  }

  /** Gradient of a tensor as of the last step, 1/batch included; for tests. */
  float[] gradient(String name) {
    return name.equals("puzzle_emb.local_weights")
        ? dPuzzle.clone()
        : read(gradients.get(parameters.get(name)));
  }

  float[] state(boolean isHigh) {
    return read(isHigh ? zH : zL);
  }

  float[] cellLogits() {
    return read(logits);
  }

  /** The weights as they are: the shadow average where there is one, the raw ones otherwise. */
  public Weights weights(boolean averaged) {
    Map<String, float[]> tensors = new LinkedHashMap<>();
    for (String name : Weights.shapes(c).keySet()) {
      tensors.put(
          name,
          name.equals("puzzle_emb.weights")
              ? puzzleEmbedding.clone()
              : read(averaged && !ema.isEmpty() ? ema.get(name) : parameters.get(name)));
    }
    return new Weights(c, tensors);
  }

  /** Everything that the next step depends on, by name; for a checkpoint. */
  public Map<String, float[]> snapshot() {
    Map<String, float[]> all = new LinkedHashMap<>();
    parameters.forEach((name, block) -> all.put("p/" + name, read(block)));
    ema.forEach((name, block) -> all.put("ema/" + name, read(block)));
    moments.forEach(
        (name, mv) -> {
          all.put("m/" + name, read(mv[0]));
          all.put("v/" + name, read(mv[1]));
        });
    if (puzzleEmbedding != null) {
      all.put("p/puzzle_emb.weights", puzzleEmbedding.clone());
    }
    all.put("carry/z_H", read(zH));
    all.put("carry/z_L", read(zL));
    float[] rows = new float[o.batch() * (3 + 2 * c.seqLen())];
    int at = 0;
    for (int b = 0; b < o.batch(); b++) {
      rows[at++] = halted[b] ? 1 : 0;
      rows[at++] = steps[b];
      rows[at++] = ids[b];
      for (int s = 0; s < c.seqLen(); s++) {
        rows[at++] = inputs[b][s];
        rows[at++] = labels[b][s];
      }
    }
    all.put("rows", rows);
    all.put("t", new float[] {t >> 12, t & 0xFFF});
    return all;
  }

  /** Goes on from a {@link #snapshot()} of a learner with the same config and options. */
  public void restore(Map<String, float[]> all) {
    parameters.forEach((name, block) -> write(block, all.get("p/" + name)));
    ema.forEach((name, block) -> write(block, all.get("ema/" + name)));
    moments.forEach(
        (name, mv) -> {
          write(mv[0], all.get("m/" + name));
          write(mv[1], all.get("v/" + name));
        });
    if (puzzleEmbedding != null) {
      System.arraycopy(
          all.get("p/puzzle_emb.weights"), 0, puzzleEmbedding, 0, puzzleEmbedding.length);
    }
    write(zH, all.get("carry/z_H"));
    write(zL, all.get("carry/z_L"));
    float[] rows = all.get("rows");
    int at = 0;
    for (int b = 0; b < o.batch(); b++) {
      halted[b] = rows[at++] == 1;
      steps[b] = (int) rows[at++];
      ids[b] = (int) rows[at++];
      for (int s = 0; s < c.seqLen(); s++) {
        inputs[b][s] = (int) rows[at++];
        labels[b][s] = (int) rows[at++];
      }
    }
    t = ((int) all.get("t")[0] << 12) + (int) all.get("t")[1];
  }

  @Override
  public void close() {
    k.close();
  }
}
