package hrm.model.simulated;

import hrm.model.Block;
import hrm.model.Kernels;
import hrm.model.reference.ReferenceBackend;

/** Kernels that move memory and keep time, and compute nothing. */
final class SimulatedKernels implements Kernels {
  private final Kernels memory = new ReferenceBackend().open();
  private final Pace pace;

  SimulatedKernels(Pace pace) {
    this.pace = pace;
  }

  @Override
  public Block allocate(long length) {
    return memory.allocate(length);
  }

  @Override
  public void stepped() {
    pace.await();
  }

  @Override
  public void linear(Block x, Block w, Block y, int batch, int per, int in, int out) {}

  @Override
  public void linearBackwardInput(
      Block dy, Block w, Block dx, int rows, int in, int out, boolean accumulate) {}

  @Override
  public void linearBackwardWeight(Block dy, Block x, Block dw, int rows, int in, int out) {}

  @Override
  public void add(Block a, Block b, Block y, int n) {}

  @Override
  public void addNorm(Block x, Block r, Block y, Block inverse, int rows, int width, float eps) {}

  @Override
  public void addNormBackward(Block dy, Block y, Block inverse, Block dx, int rows, int width) {}

  @Override
  public void attention(Block qkv, Block rope, Block y, int batch, int per, int heads, int d) {}

  @Override
  public void attentionBackward(
      Block qkv, Block rope, Block dy, Block dqkv, int batch, int per, int heads, int d) {}

  @Override
  public void swiGlu(Block gateUp, Block y, int rows, int inter) {}

  @Override
  public void swiGluBackward(Block gateUp, Block dy, Block dGateUp, int rows, int inter) {}

  @Override
  public void swiGluNorm(Block gateUp, Block y, int rows, int inter, float eps) {}

  @Override
  public void swiGluNormBackward(
      Block gateUp, Block dy, Block dGateUp, int rows, int inter, float eps) {}

  @Override
  public void transpose(Block x, Block y, int batch, int rows, int columns) {}

  @Override
  public void gather(Block x, int[] from, Block fallback, Block y, int n) {
    memory.gather(x, from, fallback, y, n);
  }

  @Override
  public void distances(Block a, Block b, float[] norms, int batch, int n) {}

  @Override
  public void adamATan2(
      Block p, Block g, Block m, Block v, int n, AdamStep step, float gradientScale) {}

  @Override
  public void adamW(Block p, Block g, Block m, Block v, int n, AdamStep step) {}

  @Override
  public void blend(Block x, Block y, int n, float a, float b) {}

  @Override
  public void average(Block p, Block average, int n, float decay) {}

  @Override
  public void copy(Block x, Block y, int n) {
    memory.copy(x, y, n);
  }

  @Override
  public void fill(Block x, int n, float value) {
    memory.fill(x, n, value);
  }

  @Override
  public void close() {
    memory.close();
  }
}
