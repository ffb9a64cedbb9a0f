package hrm.model;

import hrm.model.host.HostKernels;
import java.util.List;

/**
 * The operations that a module's mathematics is written over, on one device, in one order. An
 * instance belongs to one thread at a time; blocks may be read by several.
 *
 * <p>Rows are counted as {@code batch x per}: {@code batch} samples of {@code per} rows each, and a
 * sample's numbers depend on neither its neighbours nor its place in the batch. Matrices are
 * row-major. Outputs never alias inputs unless it is said. Backward kernels are named after their
 * forward one; d* holds the gradient of *.
 */
public interface Kernels extends HostKernels, AutoCloseable {

  /** Zeroed memory for {@code length} floats. */
  Block allocate(long length);

  /**
   * As {@link #allocate}, for what flows between blocks of the model and its gradient: a device may
   * keep it in a shorter type. Activations of one call are all of one kind.
   */
  default Block allocateActivation(long length) {
    return allocate(length);
  }

  /** An activation that outlives these kernels: only its own {@link Block#close} frees it. */
  default Block allocateState(long length) {
    return allocateActivation(length);
  }

  /** A read-only copy of {@code data}, which others on the device may share. */
  default Block constant(float[] data) {
    Block block = allocate(data.length);
    block.write(0, data, 0, data.length);
    return block;
  }

  /** Whether calls here may take this block as it is; otherwise {@link #bring} it. */
  default boolean reaches(Block block) {
    return true;
  }

  /** y = x over n floats, where x may be of another device. */
  default void bring(Block x, Block y, int n) {
    float[] values = new float[n];
    x.read(0, values, 0, n);
    y.write(0, values, 0, n);
  }

  /**
   * Runs a body of kernel calls; a device may record it in one of the first calls and repeat the
   * record in later ones. The body's only effects are those calls, and {@code what}, batch and
   * blocks decide them.
   *
   * @param reads blocks of others that the body reads
   * @param writes blocks that it leaves its results in
   */
  default void replay(String what, int batch, Block[] reads, Block[] writes, Runnable body) {
    body.run();
  }

  /** y = x wᵀ: x (batch*per, in), w (out, in), y (batch*per, out). */
  void linear(Block x, Block w, Block y, int batch, int per, int in, int out);

  /** dx = dy w, or dx += dy w: dy (rows, out), w (out, in), dx (rows, in). */
  void linearBackwardInput(
      Block dy, Block w, Block dx, int rows, int in, int out, boolean accumulate);

  /** dw += dyᵀ x: dy (rows, out), x (rows, in), dw (out, in). */
  void linearBackwardWeight(Block dy, Block x, Block dw, int rows, int in, int out);

  /** y = a + b over {@code n} floats; y may be a or b. */
  void add(Block a, Block b, Block y, int n);

  /**
   * y = rms(x + r): x, r, y (rows, width); y may be x or r.
   *
   * @param inverse (rows) receives 1/rms for the backward pass, or null
   */
  void addNorm(Block x, Block r, Block y, Block inverse, int rows, int width, float eps);

  /**
   * {@link #addNorm} of samples of {@code per} rows, and moved[at + i] = ||y_i - before_i|| of each
   * of them, as {@link #distances} has it.
   */
  default void addNormMoved(
      Block x,
      Block r,
      Block y,
      Block before,
      Block moved,
      int at,
      int batch,
      int per,
      int width,
      float eps) {
    addNorm(x, r, y, null, batch * per, width, eps);
    float[] norms = new float[batch];
    distances(y, before, norms, batch, per * width);
    moved.write(at, norms, 0, batch);
  }

  /** Gradient of the sum under the norm: dx = (dy - y mean(dy y)) inverse; dx may be dy. */
  void addNormBackward(Block dy, Block y, Block inverse, Block dx, int rows, int width);

  /**
   * Softmax attention without mask: qkv (batch*per, 3 heads d) with all queries first, then keys,
   * then values; y (batch*per, heads d).
   *
   * @param rope (per, d) cosines then (per, d) sines, applied to q and k; null for none
   */
  void attention(Block qkv, Block rope, Block y, int batch, int per, int heads, int d);

  void attentionBackward(
      Block qkv, Block rope, Block dy, Block dqkv, int batch, int per, int heads, int d);

  /** y = silu(gate) up: gateUp (rows, 2 inter) with the gate first, y (rows, inter). */
  void swiGlu(Block gateUp, Block y, int rows, int inter);

  /** Some floats of some blocks to the host, where it can with one wait. */
  default void read(List<Reading> readings) {
    readings.forEach(Reading::now);
  }

  /**
   * {@link #linear} to gateUp (batch*per, 2 inter), then {@link #swiGlu} to y; gateUp may be left
   * as it was.
   */
  default void linearSwiGlu(
      Block x, Block w, Block gateUp, Block y, int batch, int per, int in, int inter) {
    linear(x, w, gateUp, batch, per, in, 2 * inter);
    swiGlu(gateUp, y, batch * per, inter);
  }

  /** sum = x + r, which is neither, then {@link #linear} of the sum to y. */
  default void addLinear(
      Block x, Block r, Block sum, Block w, Block y, int batch, int per, int in, int out) {
    add(x, r, sum, batch * per * in);
    linear(sum, w, y, batch, per, in, out);
  }

  /** {@link #addNorm} to y, which is neither x nor r, then {@link #linear} of y to out. */
  default void addNormLinear(
      Block x,
      Block r,
      Block y,
      Block w,
      Block out,
      int batch,
      int per,
      int in,
      int wide,
      float eps) {
    addNorm(x, r, y, null, batch * per, in, eps);
    linear(y, w, out, batch, per, in, wide);
  }

  /** {@link #addNorm} to y, which is neither x nor r, then {@link #linearSwiGlu} of y to gated. */
  default void addNormLinearSwiGlu(
      Block x,
      Block r,
      Block y,
      Block w,
      Block gateUp,
      Block gated,
      int batch,
      int per,
      int in,
      int inter,
      float eps) {
    addNorm(x, r, y, null, batch * per, in, eps);
    linearSwiGlu(y, w, gateUp, gated, batch, per, in, inter);
  }

  void swiGluBackward(Block gateUp, Block dy, Block dGateUp, int rows, int inter);

  /**
   * y = sigmoid(gate) rms(gate up): a SwiGLU whose product is normed, which keeps Muon's updates in
   * scale (arXiv 2601.19085). Shapes as {@link #swiGlu}.
   */
  void swiGluNorm(Block gateUp, Block y, int rows, int inter, float eps);

  void swiGluNormBackward(Block gateUp, Block dy, Block dGateUp, int rows, int inter, float eps);

  /** y (batch, columns, rows) = x (batch, rows, columns). */
  void transpose(Block x, Block y, int batch, int rows, int columns);

  /** y row i = x row from[i], or {@code fallback} repeated when from[i] is -1; rows of n floats. */
  void gather(Block x, int[] from, Block fallback, Block y, int n);

  /** norms[i] = ||a_i - b_i|| for {@code batch} samples of n floats; sums in double. */
  void distances(Block a, Block b, float[] norms, int batch, int n);

  /** AdamATan2 on n parameters; {@code gradientScale} multiplies g first. */
  void adamATan2(Block p, Block g, Block m, Block v, int n, AdamStep step, float gradientScale);

  /** AdamW on n parameters: as {@link #adamATan2}, with m / (sqrt(v) + 1e-8) for the angle. */
  void adamW(Block p, Block g, Block m, Block v, int n, AdamStep step);

  /** y = a x + b y over n floats; y may be x. */
  void blend(Block x, Block y, int n, float a, float b);

  /** average = decay average + (1 - decay) p over n floats. */
  void average(Block p, Block average, int n, float decay);

  /** y = x over n floats. */
  void copy(Block x, Block y, int n);

  void fill(Block x, int n, float value);

  /** A level has taken a whole step: an L tick, or an H step. Nothing to do but to keep time. */
  default void stepped() {}

  @Override
  void close();

  /**
   * One step of AdamATan2 (imoneoi/adam-atan2): p -= lr wd p, then p -= lr / (1-b1^t) atan2(m,
   * sqrt(v) / sqrt(1-b2^t)).
   */
  record AdamStep(float lr, float weightDecay, float beta1, float beta2, int t) {}
}
