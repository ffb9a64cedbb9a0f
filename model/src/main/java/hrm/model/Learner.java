package hrm.model;

import hrm.model.optim.Ema;
import hrm.model.optim.Optimizer;
import hrm.model.optim.Parameter;
import hrm.model.optim.SignSgd;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One model being trained: parameters, gradients and optimizer state on one device, the rows that
 * think, and the published training step (deep supervision over the carry, gradient through the
 * last calls only). One thread at a time; a step allocates nothing on the device and only its small
 * results on the heap.
 */
public final class Learner implements AutoCloseable {
  /**
   * How to learn.
   *
   * @param maxSegments a row starts over after so many; the reference's halt_max_steps
   * @param labelSmoothing share of the target spread evenly over the vocabulary, 0 for none
   * @param lastCycle gradient through the whole last cycle (TRM) instead of the last L and H call
   * @param emaDecay of the shadow weights; 0 for none
   * @param randomStates a fresh row starts from normal draws instead of H_init and L_init
   * @param noise standard deviation of what is added to the carry before each segment; 0 for none
   * @param seed of the two before
   */
  public record Options(
      int batch,
      int maxSegments,
      Loss.Type loss,
      double labelSmoothing,
      boolean lastCycle,
      Optimizer.Options optimizer,
      double puzzleWeightDecay,
      double emaDecay,
      boolean randomStates,
      double noise,
      long seed) {}

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
  private final Map<Block, Block> gradients = new LinkedHashMap<>();
  private final Optimizer optimizer;
  private final Ema ema; // or null
  private final SignSgd puzzleEmbedding; // or null
  private final LearningEmbedding embedding;
  private final Passes passes;
  private final QHead qHead;
  private final Block emb; // (B, S, D)
  private final Block dz;
  private final Block dEmb;
  private final Block logits; // (B, S, V)
  private final Block dLogits;
  private final float[] logitsHost;
  private final float[] dLogitsHost;
  private final float[] dQ; // (B, 2)
  final LearningRows rows;
  final Heads heads; // q values of the last step; the logits stay on the device
  final float[] targetContinue; // (B), or null without a continue head
  private int t;

  public Learner(HrmConfig c, Weights weights, Options o, Kernels k) {
    this.c = c;
    this.o = o;
    this.k = k;
    this.optimizer = Optimizer.of(o.optimizer(), parameters(weights), k);
    this.ema = o.emaDecay() > 0 ? new Ema(parameters, (float) o.emaDecay(), k) : null;
    int batch = o.batch();
    int ndim = c.puzzleEmbNdim();
    float[] puzzles = ndim > 0 ? weights.get("puzzle_emb.weights").clone() : null;
    this.puzzleEmbedding =
        ndim > 0 ? new SignSgd(puzzles, ndim, o.puzzleWeightDecay(), batch) : null;
    this.embedding = new LearningEmbedding(c, k, parameters, puzzles, batch);
    this.passes = new Passes(c, parameters, o, k);
    this.qHead = new QHead(c, k, batch);
    long n = (long) batch * c.sequence() * c.hiddenSize();
    this.emb = k.allocateActivation(n);
    this.dz = k.allocateActivation(n);
    this.dEmb = k.allocateActivation(n);
    this.logits = k.allocate((long) batch * c.sequence() * c.vocabSize());
    this.dLogits = k.allocate(logits.length());
    this.logitsHost = new float[(int) logits.length()];
    this.dLogitsHost = new float[logitsHost.length];
    this.dQ = new float[2 * batch];
    this.rows = new LearningRows(c, o, k);
    this.heads = new Heads(c.vocabSize(), new float[0], new float[batch], new float[batch]);
    this.targetContinue = c.noActContinue() ? null : new float[batch];
  }

  /** Puts the weights on the device, with a gradient for each that learns by the optimizer. */
  private List<Parameter> parameters(Weights weights) {
    Map<String, int[]> shapes = Weights.shapes(c);
    List<Parameter> learning = new ArrayList<>();
    weights
        .tensors()
        .forEach(
            (name, data) -> {
              if (!name.equals("puzzle_emb.weights")) {
                Block block = Host.block(k, data);
                parameters.put(name, block);
                if (!name.endsWith("_init")) {
                  Block gradient = k.allocate(data.length);
                  gradients.put(block, gradient);
                  int columns = shapes.get(name)[shapes.get(name).length - 1];
                  learning.add(
                      new Parameter(name, block, gradient, data.length / columns, columns));
                }
              }
            });
    return learning;
  }

  public Metrics step(Source source, Exploration exploration, Optimizer.Rates rates) {
    return step(source, exploration, rates, new Passes.Depth(c.hCycles(), c.lCycles()));
  }

  /** As {@link #step(Source, Exploration, Optimizer.Rates)} with fewer cycles than the config's. */
  public Metrics step(
      Source source, Exploration exploration, Optimizer.Rates rates, int hCycles, int lCycles) {
    return step(source, exploration, rates, new Passes.Depth(hCycles, lCycles));
  }

  /** One segment of every row, its loss, the backward pass, one update. */
  private Metrics step(
      Source source, Exploration exploration, Optimizer.Rates rates, Passes.Depth depth) {
    t++;
    rows.refill(source, parameters.get("H_init"), parameters.get("L_init"), t);
    if (o.noise() > 0) {
      rows.disturb(o.noise(), t);
    }
    embedding.forward(rows, emb);
    passes.forward(rows, emb, depth);
    readHeads();
    halt(exploration);
    if (targetContinue != null) {
      targets(depth);
    }
    Loss loss =
        Loss.of(
            c,
            o.loss(),
            o.labelSmoothing(),
            logitsHost,
            rows.labels,
            heads,
            targetContinue,
            1.0 / o.batch(),
            dLogitsHost,
            dQ);
    backward();
    optimizer.step(rates, t);
    if (ema != null) {
      ema.step(parameters);
    }
    if (puzzleEmbedding != null) {
      puzzleEmbedding.step(rates.puzzle(), rows.ids, embedding.dPuzzle);
    }
    return metrics(loss);
  }

  private void readHeads() {
    Block weight = parameters.get("lm_head.weight");
    k.linear(rows.zH, weight, logits, o.batch(), c.sequence(), c.hiddenSize(), c.vocabSize());
    Host.read(logits, logitsHost);
    qHead.load(parameters.get("q_head.weight"), parameters.get("q_head.bias"));
    qHead.read(rows.zH, heads.qHalt(), heads.qContinue());
  }

  private void halt(Exploration exploration) {
    for (int b = 0; b < o.batch(); b++) {
      int steps = ++rows.steps[b];
      boolean last = steps >= o.maxSegments();
      boolean stop = last || c.halts(heads.qHalt()[b], heads.qContinue()[b]);
      int minimum = exploration.uniform(b) < c.haltExplorationProb() ? exploration.minimum(b) : 0;
      rows.halted[b] = o.maxSegments() == 1 || stop && steps >= minimum;
    }
  }

  /** sigmoid of what one more segment from the new carry says, with the same weights. */
  private void targets(Passes.Depth depth) {
    float[] qHalt = new float[o.batch()];
    qHead.read(passes.peek(rows, emb, depth), qHalt, targetContinue);
    for (int b = 0; b < o.batch(); b++) {
      boolean last = rows.steps[b] >= o.maxSegments();
      float best = last ? qHalt[b] : Math.max(qHalt[b], targetContinue[b]);
      targetContinue[b] = (float) Loss.sigmoid(best);
    }
  }

  private void backward() {
    int n = o.batch() * c.sequence();
    int d = c.hiddenSize();
    gradients.values().forEach(g -> k.fill(g, (int) g.length(), 0));
    Host.write(dLogits, dLogitsHost);
    Block lmHead = parameters.get("lm_head.weight");
    k.linearBackwardWeight(dLogits, rows.zH, gradients.get(lmHead), n, d, c.vocabSize());
    k.linearBackwardInput(dLogits, lmHead, dz, n, d, c.vocabSize(), false);
    qHead.backward(
        rows.zH,
        dQ,
        dz,
        gradients.get(parameters.get("q_head.weight")),
        gradients.get(parameters.get("q_head.bias")));
    passes.backward(dz, dEmb, gradients);
    embedding.backward(rows, dEmb, gradients);
  }

  private Metrics metrics(Loss loss) {
    int ended = 0;
    int exact = 0;
    int qCorrect = 0;
    long segments = 0;
    for (int b = 0; b < o.batch(); b++) {
      if (rows.halted[b] && loss.counted[b] > 0) {
        ended++;
        exact += loss.exact[b] ? 1 : 0;
        qCorrect += heads.qHalt()[b] >= 0 == loss.exact[b] ? 1 : 0;
        segments += rows.steps[b];
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

  /**
   * Floating-point operations of one step at full depth: matrix products only, 2 a multiply-add;
   * the continue head's extra segment and both products of each backward call included.
   */
  public double stepFlop() {
    double passes = targetContinue == null ? 1 : 2;
    int taped = o.lastCycle() ? c.lCycles() : 1;
    double backward = 2 * (taped * c.callFlop(false) + c.callFlop(true) + c.headFlop());
    return o.batch() * (passes * c.segmentFlop() + backward);
  }

  /** Gradient of a tensor as of the last step, 1/batch included; for tests. */
  float[] gradient(String name) {
    return name.equals("puzzle_emb.local_weights")
        ? embedding.dPuzzle.clone()
        : Host.read(gradients.get(parameters.get(name)));
  }

  float[] cellLogits() {
    return logitsHost;
  }

  /** The weights as they are: the shadow average where there is one, the raw ones otherwise. */
  public Weights weights(boolean averaged) {
    Map<String, Block> from = averaged && ema != null ? ema.averages() : parameters;
    Map<String, float[]> tensors = new LinkedHashMap<>();
    for (String name : Weights.shapes(c).keySet()) {
      tensors.put(
          name,
          name.equals("puzzle_emb.weights")
              ? puzzleEmbedding.table().clone()
              : Host.read(from.get(name)));
    }
    return new Weights(c, tensors);
  }

  /** Everything that the next step depends on, by name; for a checkpoint. */
  public Map<String, float[]> snapshot() {
    Map<String, float[]> all = new LinkedHashMap<>();
    blocks().forEach((name, block) -> all.put(name, Host.read(block)));
    if (puzzleEmbedding != null) {
      all.put("p/puzzle_emb.weights", puzzleEmbedding.table().clone());
    }
    rows.snapshot(all);
    all.put("t", new float[] {t >> 12, t & 0xFFF});
    return all;
  }

  /** Goes on from a {@link #snapshot()} of a learner with the same config and options. */
  public void restore(Map<String, float[]> all) {
    blocks().forEach((name, block) -> Host.write(block, all.get(name)));
    if (puzzleEmbedding != null) {
      float[] table = puzzleEmbedding.table();
      System.arraycopy(all.get("p/puzzle_emb.weights"), 0, table, 0, table.length);
    }
    rows.restore(all);
    t = ((int) all.get("t")[0] << 12) + (int) all.get("t")[1];
  }

  private Map<String, Block> blocks() {
    Map<String, Block> blocks = new LinkedHashMap<>();
    parameters.forEach((name, block) -> blocks.put("p/" + name, block));
    if (ema != null) {
      ema.averages().forEach((name, block) -> blocks.put("ema/" + name, block));
    }
    blocks.putAll(optimizer.state());
    return blocks;
  }

  @Override
  public void close() {
    k.close();
  }
}
