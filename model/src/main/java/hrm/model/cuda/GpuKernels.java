package hrm.model.cuda;

import static hrm.model.cuda.GpuBlock.of;

import hrm.model.Block;
import hrm.model.Fingerprint;
import hrm.model.Kernels;
import hrm.model.Loss;
import hrm.model.Reading;
import java.util.ArrayList;
import java.util.List;

/**
 * Kernels of one stream of a GPU, a class of calls for each of our sources. Nothing here waits but
 * {@code distances} and {@code fingerprints}.
 */
final class GpuKernels implements Kernels {
  final Gpu gpu;
  private final GpuStream stream;
  private final GpuMemory memory;
  private final Gemm gemm;
  private final Graphs graphs;
  private final ProductCalls products;
  private final ElementCalls elements;
  private final NormCalls norms;
  private final GateCalls gates;
  private final JoinedCalls joined;
  private final AttentionCalls attention;
  private final EmbeddingCalls embeddings;
  private final HeadCalls heads;
  private final UpdateCalls updates;
  private boolean closed;

  GpuKernels(Gpu gpu, CudaOptions options) {
    this.gpu = gpu;
    Storage work =
        options.precision() == CudaOptions.Precision.FLOAT32 ? Storage.FLOAT32 : Storage.BFLOAT16;
    synchronized (gpu) {
      this.stream = new GpuStream(gpu);
      try {
        this.gemm = new Gemm(stream, options.batchInvariant());
      } catch (RuntimeException e) {
        stream.close();
        throw e;
      }
    }
    this.graphs = new Graphs(stream, options.graphs());
    this.memory = new GpuMemory(stream, work, graphs);
    Launch launch = new Launch(stream);
    RowNumbers numbers = new RowNumbers(stream, memory);
    this.elements = new ElementCalls(stream, launch, numbers);
    this.products = new ProductCalls(stream, memory, elements, gemm);
    this.norms = new NormCalls(memory, launch, numbers);
    this.gates = new GateCalls(launch);
    this.joined =
        new JoinedCalls(
            options.joining(),
            products,
            elements,
            norms,
            gates,
            new WarpgroupCalls(memory, launch, products),
            new Contest(stream, memory, graphs));
    this.attention = new AttentionCalls(memory, launch);
    this.embeddings = new EmbeddingCalls(memory, launch, numbers);
    this.heads = new HeadCalls(launch, numbers);
    this.updates = new UpdateCalls(memory, launch);
  }

  @Override
  public Block allocate(long length) {
    return memory.own(Storage.FLOAT32, length);
  }

  @Override
  public Block allocateActivation(long length) {
    return memory.own(memory.work, length);
  }

  @Override
  public Block allocateState(long length) {
    return memory.lasting(memory.work, length);
  }

  @Override
  public Block constant(float[] data) {
    return memory.constant(data);
  }

  @Override
  public boolean reaches(Block block) {
    return block instanceof GpuBlock other && other.gpu() == gpu && other.storage == memory.work;
  }

  /** From another GPU of this process without the host, where both keep the same type. */
  @Override
  public void bring(Block x, Block y, int n) {
    if (!(x instanceof GpuBlock from)
        || from.storage != of(y).storage
        || from.gpu().isBroken()
        || from.gpu() == gpu) {
      Kernels.super.bring(x, y, n);
      return;
    }
    elements.bring(from, of(y), n);
  }

  @Override
  public void linear(Block x, Block w, Block y, int batch, int per, int in, int out) {
    joined.linear(x, w, y, Math.multiplyExact(batch, per), in, out);
  }

  @Override
  public void linearBackwardInput(
      Block dy, Block w, Block dx, int rows, int in, int out, boolean accumulate) {
    products.linearBackwardInput(dy, w, dx, rows, in, out, accumulate);
  }

  @Override
  public void linearBackwardWeight(Block dy, Block x, Block dw, int rows, int in, int out) {
    products.linearBackwardWeight(dy, x, dw, rows, in, out);
  }

  @Override
  public void add(Block a, Block b, Block y, int n) {
    elements.add(a, b, y, n);
  }

  @Override
  public void blend(Block x, Block y, int n, float a, float b) {
    elements.blend(x, y, n, a, b);
  }

  @Override
  public void fill(Block x, int n, float value) {
    elements.fill(x, n, value);
  }

  @Override
  public void copy(Block x, Block y, int n) {
    elements.copy(x, y, n);
  }

  @Override
  public void gather(Block x, int[] from, Block fallback, Block y, int n) {
    elements.gather(x, from, fallback, y, n);
  }

  @Override
  public void transpose(Block x, Block y, int batch, int rows, int columns) {
    elements.transpose(x, y, batch, rows, columns);
  }

  @Override
  public void addNorm(Block x, Block r, Block y, Block inverse, int rows, int width, float eps) {
    norms.addNorm(x, r, y, inverse, rows, width, eps);
  }

  @Override
  public void addNormMoved(
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
    norms.addNormMoved(x, r, y, before, moved, at, batch, per, width, eps);
  }

  @Override
  public void addNormBackward(Block dy, Block y, Block inverse, Block dx, int rows, int width) {
    norms.addNormBackward(dy, y, inverse, dx, rows, width);
  }

  @Override
  public void distances(Block a, Block b, float[] distances, int batch, int n) {
    norms.distances(a, b, distances, batch, n);
  }

  @Override
  public Fingerprint[] fingerprints(Block x, int[] rows, int n) {
    return norms.fingerprints(x, rows, n);
  }

  @Override
  public void swiGlu(Block gateUp, Block y, int rows, int inter) {
    gates.swiGlu(gateUp, y, rows, inter);
  }

  @Override
  public void read(List<Reading> readings) {
    gpu.transfers.read(readings);
  }

  @Override
  public void linearSwiGlu(
      Block x, Block w, Block gateUp, Block y, int batch, int per, int in, int inter) {
    joined.linearSwiGlu(x, w, gateUp, y, Math.multiplyExact(batch, per), in, inter);
  }

  @Override
  public void addLinear(
      Block x, Block r, Block sum, Block w, Block y, int batch, int per, int in, int out) {
    joined.addLinear(x, r, sum, w, y, Math.multiplyExact(batch, per), in, out);
  }

  @Override
  public void addNormLinear(
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
    joined.addNormLinear(x, r, y, w, out, Math.multiplyExact(batch, per), in, wide, eps);
  }

  @Override
  public void addNormLinearSwiGlu(
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
    int rows = Math.multiplyExact(batch, per);
    joined.addNormLinearSwiGlu(x, r, y, w, gateUp, gated, rows, in, inter, eps);
  }

  @Override
  public void swiGluBackward(Block gateUp, Block dy, Block dGateUp, int rows, int inter) {
    gates.swiGluBackward(gateUp, dy, dGateUp, rows, inter);
  }

  @Override
  public void swiGluNorm(Block gateUp, Block y, int rows, int inter, float eps) {
    gates.swiGluNorm(gateUp, y, rows, inter, eps);
  }

  @Override
  public void swiGluNormBackward(
      Block gateUp, Block dy, Block dGateUp, int rows, int inter, float eps) {
    gates.swiGluNormBackward(gateUp, dy, dGateUp, rows, inter, eps);
  }

  @Override
  public void attention(Block qkv, Block rope, Block y, int batch, int per, int heads, int d) {
    attention.forward(qkv, rope, y, batch, per, heads, d);
  }

  @Override
  public void attentionBackward(
      Block qkv, Block rope, Block dy, Block dqkv, int batch, int per, int heads, int d) {
    attention.backward(qkv, rope, dy, dqkv, batch, per, heads, d);
  }

  @Override
  public void embed(Block tokens, Block puzzles, Block positions, int[] ids, Block y, Look look) {
    embeddings.embed(tokens, puzzles, positions, ids, y, look);
  }

  @Override
  public void embedBackward(
      Block dy, int[] ids, Block dTokens, Block dPositions, Look look, float scale) {
    embeddings.embedBackward(dy, ids, dTokens, dPositions, look, scale);
  }

  @Override
  public void signSgd(
      Block table, int[] ids, Block gradient, int width, int n, float lr, float decay) {
    embeddings.signSgd(table, ids, gradient, width, n, lr, decay);
  }

  @Override
  public void qHead(Block z, Block w, Block bias, Block q, int batch, int per, int d) {
    heads.qHead(z, w, bias, q, batch, per, d);
  }

  @Override
  public void qHeadBackward(
      Block z, Block w, Block dq, Block dz, Block dw, Block dBias, int batch, int per, int d) {
    heads.qHeadBackward(z, w, dq, dz, dw, dBias, batch, per, d);
  }

  @Override
  public void cellLoss(
      Block logits, int[] labels, Block dLogits, Block seen, Loss.Cells of, Look look) {
    heads.cellLoss(logits, labels, dLogits, seen, of, look);
  }

  @Override
  public void haltingLoss(
      Block q, Block seen, Block next, int[] last, Block dq, int batch, float scale) {
    heads.haltingLoss(q, seen, next, last, dq, batch, scale);
  }

  @Override
  public void normalise(Block x, int n, float eps) {
    updates.normalise(x, n, eps);
  }

  @Override
  public void adamATan2(Block p, Block g, Block m, Block v, int n, AdamStep s, float scale) {
    updates.adamATan2(p, g, m, v, n, s, scale);
  }

  @Override
  public void adamW(Block p, Block g, Block m, Block v, int n, AdamStep s) {
    updates.adamW(p, g, m, v, n, s);
  }

  @Override
  public void average(Block p, Block average, int n, float decay) {
    updates.average(p, average, n, decay);
  }

  @Override
  public void replay(String what, int batch, Block[] reads, Block[] writes, Runnable body) {
    List<Long> addresses = new ArrayList<>();
    synchronized (gpu) {
      gpu.use();
      for (Block block : reads) {
        of(block).readBy(stream);
        addresses.add(of(block).address);
      }
      for (Block block : writes) {
        if (block != null) {
          of(block).writtenBy(stream);
          addresses.add(of(block).address);
        }
      }
      graphs.run(new Graphs.Key(what, batch, addresses), body);
    }
  }

  /** Waits for everything that was called; for measuring. */
  void synchronize() {
    stream.synchronize("all calls");
  }

  @Override
  public void close() {
    synchronized (gpu) {
      if (!closed) {
        closed = true;
        memory.close();
        gemm.close();
      }
    }
  }
}
