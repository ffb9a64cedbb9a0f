package hrm.model;

import hrm.model.host.Host;
import hrm.model.optim.Ema;
import hrm.model.optim.Optimizer;
import hrm.model.optim.Parameter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One model being trained: parameters, gradients and optimizer state on one device, the rows that
 * think, and the published training step (deep supervision over the carry, gradient through the
 * last calls only). One thread at a time; a step allocates nothing on the device and little on the
 * heap: what the host computes, it computes a sample at a time.
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
    /** Rows halt when the head says so. */
    Exploration NEVER =
        new Exploration() {
          @Override
          public double uniform(int row) {
            return 1;
          }

          @Override
          public int minimum(int row) {
            return 2;
          }
        };

    double uniform(int row);

    int minimum(int row);
  }

  /**
   * What one step saw, before its update. Losses are sums over the batch's rows, in nats.
   *
   * @param loss lm + (qHalt + qContinue) / 2; the gradient is that of its mean over the rows
   * @param lm cross-entropy, of each row the mean of its cells with labels
   * @param qHalt binary cross-entropy of q_halt and whether the row is exact
   * @param qContinue the same of q_continue and what the next segment says; 0 without such a head
   * @param cells with labels
   * @param correctCells of these
   * @param halted rows whose thinking ended and that have labels
   * @param exact of these: every cell is right
   * @param qHaltCorrect of these: q_halt is at least 0 just when the row is exact
   * @param segments of these, together
   */
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
  private final LearningEmbedding embedding;
  private final Passes passes;
  private final Block emb; // (B, S, D)
  private final Block dz;
  private final Block dEmb;
  final LearningRows rows;
  final LearningHeads heads;
  private int t;

  public Learner(HrmConfig c, Weights weights, Options o, Kernels k) {
    this.c = c;
    this.o = o;
    this.k = k;
    this.optimizer = Optimizer.of(o.optimizer(), parameters(weights), k);
    this.ema = o.emaDecay() > 0 ? new Ema(parameters, (float) o.emaDecay(), k) : null;
    float[] puzzles = c.puzzleEmbNdim() > 0 ? weights.get("puzzle_emb.weights") : null;
    this.embedding = new LearningEmbedding(c, k, parameters, puzzles, o);
    this.passes = new Passes(c, parameters, o, k);
    this.heads = new LearningHeads(c, k, parameters, o);
    this.rows = new LearningRows(c, o, k);
    long n = (long) o.batch() * c.sequence() * c.hiddenSize();
    this.emb = k.allocateActivation(n);
    this.dz = k.allocateActivation(n);
    this.dEmb = k.allocateActivation(n);
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

  /**
   * One segment of every row, its loss, the backward pass, one update; waits for the device once,
   * at the end.
   *
   * @param source asked once for each row that halted in the step before, in the first for all
   * @param exploration asked once for each row, after the update
   */
  public Metrics step(Source source, Exploration exploration, Optimizer.Rates rates) {
    return step(source, exploration, rates, new Passes.Depth(c.hCycles(), c.lCycles()));
  }

  /**
   * As {@link #step(Source, Exploration, Optimizer.Rates)} with fewer cycles than the config's.
   *
   * @param hCycles from 1 to the config's, as lCycles
   */
  public Metrics step(
      Source source, Exploration exploration, Optimizer.Rates rates, int hCycles, int lCycles) {
    return step(source, exploration, rates, new Passes.Depth(hCycles, lCycles));
  }

  private Metrics step(
      Source source, Exploration exploration, Optimizer.Rates rates, Passes.Depth depth) {
    t++;
    rows.refill(source, parameters.get("H_init"), parameters.get("L_init"), t);
    if (o.noise() > 0) {
      rows.disturb(o.noise(), t);
    }
    embedding.forward(rows, emb);
    passes.forward(rows, emb, depth);
    rows.advance();
    heads.forward(rows.zH, Embedding.flat(rows.labels));
    if (heads.hasContinue()) {
      heads.forwardNext(passes.peek(rows, emb, depth)); // with the same weights
    }
    gradients.values().forEach(g -> k.fill(g, (int) g.length(), 0));
    heads.backward(rows.zH, rows.steps, o.maxSegments(), dz, gradients);
    passes.backward(dz, dEmb, gradients);
    embedding.backward(rows, dEmb, gradients);
    optimizer.step(rates, t);
    if (ema != null) {
      ema.step(parameters);
    }
    embedding.step(rates.puzzle(), rows.ids);
    heads.read(); // the only wait
    rows.halt(heads, exploration);
    return metrics();
  }

  private Metrics metrics() {
    double lm = 0;
    double qHalt = 0;
    double qContinue = 0;
    int cells = 0;
    int correct = 0;
    int ended = 0;
    int exact = 0;
    int qCorrect = 0;
    long segments = 0;
    for (int b = 0; b < o.batch(); b++) {
      lm += heads.loss(b);
      qHalt += Loss.bce(heads.qHalt(b), heads.exact(b) ? 1 : 0);
      if (heads.hasContinue()) {
        qContinue += Loss.bce(heads.qContinue(b), heads.targetContinue(b));
      }
      cells += heads.counted(b);
      correct += heads.correct(b);
      if (rows.halted[b] && heads.counted(b) > 0) {
        ended++;
        exact += heads.exact(b) ? 1 : 0;
        qCorrect += heads.qHalt(b) >= 0 == heads.exact(b) ? 1 : 0;
        segments += rows.steps[b];
      }
    }
    double loss = lm + 0.5 * (qHalt + qContinue);
    return new Metrics(
        loss, lm, qHalt, qContinue, cells, correct, ended, exact, qCorrect, segments);
  }

  /**
   * Floating-point operations of one step at full depth: matrix products only, 2 a multiply-add;
   * the continue head's extra segment and both products of each backward call included.
   */
  public double stepFlop() {
    double passes = heads.hasContinue() ? 2 : 1;
    int taped = o.lastCycle() ? c.lCycles() : 1;
    double backward = 2 * (taped * c.callFlop(false) + c.callFlop(true) + c.headFlop());
    return o.batch() * (passes * c.segmentFlop() + backward);
  }

  /** Gradient of a tensor as of the last step, 1/batch included; for tests. */
  float[] gradient(String name) {
    return name.equals("puzzle_emb.local_weights")
        ? embedding.puzzleGradient()
        : Host.read(gradients.get(parameters.get(name)));
  }

  /** The weights as they are: the shadow average where there is one, the raw ones otherwise. */
  public Weights weights(boolean averaged) {
    Map<String, Block> from = averaged && ema != null ? ema.averages() : parameters;
    Map<String, float[]> tensors = new LinkedHashMap<>();
    for (String name : Weights.shapes(c).keySet()) {
      tensors.put(
          name,
          name.equals("puzzle_emb.weights") ? embedding.puzzles() : Host.read(from.get(name)));
    }
    return new Weights(c, tensors);
  }

  /** Everything that the next step depends on, by name; for a checkpoint. */
  public Map<String, float[]> snapshot() {
    Map<String, float[]> all = new LinkedHashMap<>();
    blocks().forEach((name, block) -> all.put(name, Host.read(block)));
    float[] puzzles = embedding.puzzles();
    if (puzzles != null) {
      all.put("p/puzzle_emb.weights", puzzles);
    }
    rows.snapshot(all);
    all.put("t", new float[] {t >> 12, t & 0xFFF});
    return all;
  }

  /** Goes on from a {@link #snapshot()} of a learner with the same config and options. */
  public void restore(Map<String, float[]> all) {
    blocks().forEach((name, block) -> Host.write(block, all.get(name)));
    if (all.containsKey("p/puzzle_emb.weights")) {
      embedding.restore(all.get("p/puzzle_emb.weights"));
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
