package hrm.model.cpu;

import static hrm.model.cpu.NativeBlock.of;

import hrm.model.Block;
import hrm.model.Fingerprint;
import hrm.model.Kernels;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * Kernels of one stream: ND4J's memory and BLAS for the products, fused Java loops between them.
 */
final class CpuKernels implements Kernels {
  private final Cores.Stream stream;
  private final Products products;
  private final RowLoops rowLoops;
  private final GateLoops gateLoops;
  private final SampleLoops sampleLoops;
  private final Attention attention;

  // Those that somebody still has: they end with these kernels, states do not.
  private final Set<NativeBlock> blocks =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  CpuKernels(Cores cores) {
    this.stream = cores.open();
    this.products = new Products(stream, cores.count());
    this.rowLoops = new RowLoops(stream);
    this.gateLoops = new GateLoops(stream);
    this.sampleLoops = new SampleLoops(stream);
    this.attention = new Attention(stream);
  }

  @Override
  public Block allocate(long length) {
    NativeBlock block = new NativeBlock(length);
    blocks.add(block);
    return block;
  }

  @Override
  public Block allocateState(long length) {
    return new NativeBlock(length);
  }

  @Override
  public void linear(Block x, Block w, Block y, int batch, int per, int in, int out) {
    products.linear(of(x), of(w), of(y), batch, per, in, out);
  }

  @Override
  public void linearBackwardInput(
      Block dy, Block w, Block dx, int rows, int in, int out, boolean accumulate) {
    products.backwardInput(of(dy), of(w), of(dx), rows, in, out, accumulate);
  }

  @Override
  public void linearBackwardWeight(Block dy, Block x, Block dw, int rows, int in, int out) {
    products.backwardWeight(of(dy), of(x), of(dw), rows, in, out);
  }

  @Override
  public void add(Block a, Block b, Block y, int n) {
    rowLoops.add(of(a), of(b), of(y), n);
  }

  @Override
  public void addNorm(Block x, Block r, Block y, Block inverse, int rows, int width, float eps) {
    rowLoops.addNorm(of(x), of(r), of(y), of(inverse), rows, width, eps);
  }

  @Override
  public void addNormBackward(Block dy, Block y, Block inverse, Block dx, int rows, int width) {
    rowLoops.addNormBackward(of(dy), of(y), of(inverse), of(dx), rows, width);
  }

  @Override
  public void attention(Block qkv, Block rope, Block y, int batch, int per, int heads, int d) {
    attention.forward(of(qkv), of(rope), of(y), batch, per, heads, d);
  }

  @Override
  public void attentionBackward(
      Block qkv, Block rope, Block dy, Block dqkv, int batch, int per, int heads, int d) {
    attention.backward(of(qkv), of(rope), of(dy), of(dqkv), batch, per, heads, d);
  }

  @Override
  public void swiGlu(Block gateUp, Block y, int rows, int inter) {
    gateLoops.swiGlu(of(gateUp), of(y), rows, inter);
  }

  @Override
  public void swiGluBackward(Block gateUp, Block dy, Block dGateUp, int rows, int inter) {
    gateLoops.swiGluBackward(of(gateUp), of(dy), of(dGateUp), rows, inter);
  }

  @Override
  public void swiGluNorm(Block gateUp, Block y, int rows, int inter, float eps) {
    gateLoops.swiGluNorm(of(gateUp), of(y), rows, inter, eps);
  }

  @Override
  public void swiGluNormBackward(
      Block gateUp, Block dy, Block dGateUp, int rows, int inter, float eps) {
    gateLoops.swiGluNormBackward(of(gateUp), of(dy), of(dGateUp), rows, inter, eps);
  }

  @Override
  public void transpose(Block x, Block y, int batch, int rows, int columns) {
    sampleLoops.transpose(of(x), of(y), batch, rows, columns);
  }

  @Override
  public void gather(Block x, int[] from, Block fallback, Block y, int n) {
    sampleLoops.gather(of(x), from, of(fallback), of(y), n);
  }

  @Override
  public void distances(Block a, Block b, float[] norms, int batch, int n) {
    sampleLoops.distances(of(a), of(b), norms, batch, n);
  }

  @Override
  public Fingerprint[] fingerprints(Block x, int[] rows, int n) {
    return sampleLoops.fingerprints(of(x), rows, n);
  }

  @Override
  public void adamATan2(Block p, Block g, Block m, Block v, int n, AdamStep step, float scale) {
    rowLoops.adamATan2(of(p), of(g), of(m), of(v), n, step, scale);
  }

  @Override
  public void adamW(Block p, Block g, Block m, Block v, int n, AdamStep step) {
    rowLoops.adamW(of(p), of(g), of(m), of(v), n, step);
  }

  @Override
  public void blend(Block x, Block y, int n, float a, float b) {
    rowLoops.blend(of(x), of(y), n, a, b);
  }

  @Override
  public void normalise(Block x, int n, float eps) {
    rowLoops.normalise(of(x), n, eps);
  }

  @Override
  public void average(Block p, Block average, int n, float decay) {
    rowLoops.average(of(p), of(average), n, decay);
  }

  @Override
  public void copy(Block x, Block y, int n) {
    rowLoops.copy(of(x), of(y), n);
  }

  @Override
  public void fill(Block x, int n, float value) {
    rowLoops.fill(of(x), n, value);
  }

  @Override
  public void close() {
    stream.close();
    List.copyOf(blocks).forEach(NativeBlock::close);
  }
}
