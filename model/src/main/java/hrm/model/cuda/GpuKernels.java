package hrm.model.cuda;

import static hrm.model.cuda.GpuBlock.of;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyAsync;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToDevice;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyHostToDevice;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyPeerAsync;
import static org.bytedeco.cuda.global.cudart.cudaMemsetAsync;

import hrm.model.Block;
import hrm.model.Fingerprint;
import hrm.model.Kernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import org.bytedeco.javacpp.IntPointer;

/**
 * Kernels of one stream of a GPU. Forward and backward; nothing here waits but {@code distances}
 * and {@code fingerprints}.
 */
final class GpuKernels implements Kernels {
  private static final int ROW_THREADS = 128; // four warps, one row each
  private static final Set<Integer> TENSOR_HEADS = Set.of(16, 32, 64, 128);

  final Gpu gpu;
  private final GpuStream stream;
  private final Storage work;
  private final Launch launch;
  private final Gemm gemm;
  private final Graphs graphs;
  private final Set<GpuBlock> owned = java.util.Collections.newSetFromMap(new WeakHashMap<>());
  private GpuBlock rowSums; // float32 scratch: a number a row
  private GpuBlock sampleNorms; // what distances and fingerprints read back; no record may touch it
  private GpuBlock stats; // float32 scratch of the attention's backward pass
  private GpuBlock indices; // row numbers of a gather
  private boolean closed;

  GpuKernels(Gpu gpu, CudaOptions options) {
    this.gpu = gpu;
    this.work =
        options.precision() == CudaOptions.Precision.FLOAT32 ? Storage.FLOAT32 : Storage.BFLOAT16;
    synchronized (gpu) {
      this.stream = new GpuStream(gpu);
      this.launch = new Launch(stream);
      this.gemm = new Gemm(stream, options.batchInvariant());
      this.graphs = new Graphs(stream, options.graphs());
    }
  }

  // Memory

  @Override
  public Block allocate(long length) {
    return own(zeroed(Storage.FLOAT32, length, null));
  }

  @Override
  public Block allocateActivation(long length) {
    return own(zeroed(work, length, null));
  }

  @Override
  public Block allocateState(long length) {
    return zeroed(work, length, null);
  }

  private GpuBlock own(GpuBlock block) {
    owned.add(block);
    return block;
  }

  private GpuBlock zeroed(Storage storage, long length, float[] shared) {
    synchronized (gpu) {
      if (graphs.isRecording()) {
        throw new IllegalStateException("memory is asked for while a graph is recorded");
      }
      GpuBlock block = new GpuBlock(this, storage, length, shared);
      block.writtenBy(stream);
      gpu.runtime(
          cudaMemsetAsync(block.pointer, 0, length * storage.bytes, stream.handle),
          "cudaMemsetAsync",
          length + " floats");
      return block;
    }
  }

  @Override
  public Block constant(float[] data) {
    return gpu.constant(data, this);
  }

  GpuBlock bringConstant(float[] data) {
    GpuBlock block = zeroed(Storage.FLOAT32, data.length, data);
    block.write(0, data, 0, data.length);
    return block;
  }

  @Override
  public boolean reaches(Block block) {
    return block instanceof GpuBlock other && other.gpu() == gpu && other.storage == work;
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
    boolean lower = from.gpu().device.ordinal() < gpu.device.ordinal();
    synchronized (lower ? from.gpu() : gpu) {
      synchronized (lower ? gpu : from.gpu()) {
        from.readBy(stream);
        of(y).writtenBy(stream);
        gpu.use();
        gpu.runtime(
            cudaMemcpyPeerAsync(
                of(y).pointer,
                gpu.device.ordinal(),
                from.pointer,
                from.gpu().device.ordinal(),
                (long) n * from.storage.bytes,
                stream.handle),
            "cudaMemcpyPeerAsync",
            n + " floats");
      }
    }
  }

  /** A block of this stream goes away: no record may use it any more. */
  void forget(GpuBlock block) {
    synchronized (gpu) {
      if (!closed) {
        graphs.clear();
        owned.remove(block);
      }
    }
  }

  // Uses of blocks: the lock is held

  private long in(Block block) {
    of(block).readBy(stream);
    return of(block).address;
  }

  private long out(Block block) {
    of(block).writtenBy(stream);
    return of(block).address;
  }

  private long optional(Block block) {
    return block == null ? 0 : out(block);
  }

  /** The one type of some activations. */
  private static Storage type(String kernel, Block... blocks) {
    Storage type = of(blocks[0]).storage;
    for (Block block : blocks) {
      if (of(block).storage != type) {
        throw new IllegalArgumentException(
            "%s takes blocks of one type, not of %s and %s"
                .formatted(kernel, type, of(block).storage));
      }
    }
    return type;
  }

  /** Elements a kernel may take at once of rows of some length in some blocks. */
  private static int width(Storage type, long elements, Block... blocks) {
    long addresses = 0;
    for (Block block : blocks) {
      addresses |= block == null ? 0 : of(block).address;
    }
    return type.width(elements, addresses);
  }

  private static void check(String kernel, Block block, long n) {
    if (block.length() < n) {
      throw new IllegalArgumentException(
          "%s: a block of %d floats where %d are wanted".formatted(kernel, block.length(), n));
    }
  }

  /** Blocks of 256 threads for n elements, a few for each multiprocessor at most. */
  private static long grid(long n, int width) {
    return Math.max(1, Math.min((n / width + 255) / 256, 4096));
  }

  private static long rowGrid(long rows) {
    return (rows + ROW_THREADS / 32 - 1) / (ROW_THREADS / 32);
  }

  /** Threads for one row of n elements: whole warps, at most 256. */
  private static int rowThreads(int n, int width) {
    return Math.min(256, (n / width + 31) / 32 * 32);
  }

  // Products

  @Override
  public void linear(Block x, Block w, Block y, int batch, int per, int in, int out) {
    long rows = (long) batch * per;
    check("linear", x, rows * in);
    check("linear", w, (long) out * in);
    check("linear", y, rows * out);
    multiply(w, true, x, false, y, out, Math.toIntExact(rows), in, true, false);
  }

  @Override
  public void linearBackwardInput(
      Block dy, Block w, Block dx, int rows, int in, int out, boolean accumulate) {
    check("linearBackwardInput", dy, (long) rows * out);
    check("linearBackwardInput", w, (long) out * in);
    check("linearBackwardInput", dx, (long) rows * in);
    multiply(w, false, dy, false, dx, in, rows, out, true, accumulate);
  }

  @Override
  public void linearBackwardWeight(Block dy, Block x, Block dw, int rows, int in, int out) {
    check("linearBackwardWeight", dy, (long) rows * out);
    check("linearBackwardWeight", x, (long) rows * in);
    check("linearBackwardWeight", dw, (long) out * in);
    multiply(x, false, dy, true, dw, in, out, rows, false, true);
  }

  /** d (m, n) = op(a) (m, k) op(b) (k, n), column-major; operands in the working type. */
  private void multiply(
      Block a,
      boolean transposeA,
      Block b,
      boolean transposeB,
      Block d,
      int m,
      int n,
      int k,
      boolean rowsAreN,
      boolean accumulate) {
    synchronized (gpu) {
      gpu.use();
      GpuBlock left = operand(of(a), (long) m * k);
      GpuBlock right = operand(of(b), (long) k * n);
      long addresses = in(left) | in(right) | out(d);
      int alignment = (int) Math.min(256, Math.max(1, Long.lowestOneBit(addresses)));
      gemm.run(
          new Gemm.Shape(transposeA, transposeB, m, n, k, work, of(d).storage, rowsAreN, alignment),
          left.pointer,
          right.pointer,
          of(d).pointer,
          accumulate);
    }
  }

  /** The block itself, or its copy in the working type, brought up to date. */
  private GpuBlock operand(GpuBlock block, long n) {
    if (block.storage == work) {
      return block;
    }
    GpuBlock shadow = block.shadow(this);
    if (block.shadowIsStale()) {
      convert(block, shadow, n);
      block.shadowIsFresh();
    }
    return shadow;
  }

  private void convert(GpuBlock from, GpuBlock to, long n) {
    boolean narrowing = to.storage == Storage.BFLOAT16;
    launch
        .of("elements", narrowing ? "float_to_bf16" : "bf16_to_float")
        .pointer(in(from))
        .pointer(out(to))
        .number(n)
        .run(grid(n, 1), 1, 1, 256);
  }

  // Element by element

  @Override
  public void add(Block a, Block b, Block y, int n) {
    Storage type = type("add", a, b, y);
    int width = width(type, n, a, b, y);
    synchronized (gpu) {
      gpu.use();
      launch
          .of("elements", type.kernel("add_elements", width))
          .pointer(in(a))
          .pointer(in(b))
          .pointer(out(y))
          .number((long) n)
          .run(grid(n, width), 1, 1, 256);
    }
  }

  @Override
  public void blend(Block x, Block y, int n, float a, float b) {
    Storage type = type("blend", x, y);
    int width = width(type, n, x, y);
    synchronized (gpu) {
      gpu.use();
      launch
          .of("elements", type.kernel("blend", width))
          .pointer(in(x))
          .pointer(out(y))
          .number((long) n)
          .number(a)
          .number(b)
          .run(grid(n, width), 1, 1, 256);
    }
  }

  @Override
  public void fill(Block x, int n, float value) {
    Storage type = of(x).storage;
    int width = width(type, n, x);
    synchronized (gpu) {
      gpu.use();
      launch
          .of("elements", type.kernel("fill", width))
          .pointer(out(x))
          .number((long) n)
          .number(value)
          .run(grid(n, width), 1, 1, 256);
    }
  }

  @Override
  public void copy(Block x, Block y, int n) {
    check("copy", x, n);
    check("copy", y, n);
    synchronized (gpu) {
      gpu.use();
      if (of(x).storage != of(y).storage) {
        convert(of(x), of(y), n);
        return;
      }
      in(x);
      out(y);
      gpu.runtime(
          cudaMemcpyAsync(
              of(y).pointer,
              of(x).pointer,
              (long) n * of(x).storage.bytes,
              cudaMemcpyDeviceToDevice,
              stream.handle),
          "cudaMemcpyAsync",
          n + " floats on the device");
    }
  }

  @Override
  public void gather(Block x, int[] from, Block fallback, Block y, int n) {
    Storage type = of(y).storage;
    boolean fresh = Arrays.stream(from).anyMatch(row -> row < 0);
    if (x != null) {
      type("gather", x, y);
      int last = Arrays.stream(from).max().orElse(-1);
      check("gather", x, (last + 1L) * n);
    } else if (!Arrays.stream(from).allMatch(row -> row < 0)) {
      throw new IllegalArgumentException("gather: rows of nothing are asked for");
    }
    check("gather", y, (long) from.length * n);
    int width = width(type, n, x, y);
    synchronized (gpu) {
      gpu.use();
      indices(from);
      if (fresh) {
        type("gather's fallback", fallback, indices);
      }
      launch
          .of("elements", type.kernel("gather_rows", width))
          .pointer(x == null ? 0 : in(x))
          .pointer(in(indices))
          .pointer(fresh ? in(fallback) : 0)
          .number(fresh ? Math.toIntExact(fallback.length()) : 1)
          .pointer(out(y))
          .number(n)
          .run(from.length, 1, 1, rowThreads(n, width));
    }
  }

  /** Brings row numbers to the device; those before them are forgotten. */
  private void indices(int[] numbers) {
    indices = scratch(indices, numbers.length);
    out(indices);
    try (IntPointer host = new IntPointer(numbers)) { // copied away before the call returns
      gpu.runtime(
          cudaMemcpyAsync(
              indices.pointer,
              host,
              (long) numbers.length * Integer.BYTES,
              cudaMemcpyHostToDevice,
              stream.handle),
          "cudaMemcpyAsync",
          numbers.length + " row numbers");
    }
  }

  @Override
  public void addRows(Block x, int[] to, Block y, int n) {
    Storage type = type("addRows", x, y);
    check("addRows", x, (long) to.length * n);
    check("addRows", y, (Arrays.stream(to).max().orElse(-1) + 1L) * n);
    int width = width(type, n, x, y);
    synchronized (gpu) {
      gpu.use();
      indices(to);
      launch
          .of("embedding", type.kernel("add_rows", width))
          .pointer(in(x))
          .pointer(in(indices))
          .pointer(out(y))
          .number(n)
          .run(to.length, 1, 1, rowThreads(n, width));
    }
  }

  @Override
  public boolean embeds() {
    return true;
  }

  @Override
  public void embed(Block tokens, Block puzzles, Block positions, int[] ids, Block y, Look s) {
    Storage type = of(y).storage;
    long rows = (long) s.batch() * (s.prefix() + s.length());
    check("embed", y, rows * s.d());
    checkIds(ids, s);
    int width = width(type, s.d(), y);
    synchronized (gpu) {
      gpu.use();
      indices(ids);
      launch
          .of("embedding", type.kernel("embed", width))
          .pointer(in(tokens))
          .pointer(puzzles == null ? 0 : in(puzzles))
          .pointer(positions == null ? 0 : in(positions))
          .pointer(in(indices))
          .pointer(out(y))
          .number(s.length())
          .number(s.prefix())
          .number(s.d())
          .number((float) Math.sqrt(s.d()))
          .run(rows, 1, 1, rowThreads(s.d(), width));
    }
  }

  @Override
  public void embedBackward(
      Block dy, int[] ids, Block dTokens, Block dPositions, Look s, float scale) {
    Storage type = of(dy).storage;
    checkIds(ids, s);
    int perPart = Math.max(1, (s.batch() + 63) / 64);
    int parts = (s.batch() + perPart - 1) / perPart;
    synchronized (gpu) {
      gpu.use();
      indices(ids);
      stats = scratch(stats, (long) parts * s.vocab() * s.d());
      launch
          .of("embedding", type.kernel("token_gradients", 1))
          .pointer(in(dy))
          .pointer(in(indices))
          .pointer(out(stats))
          .number(s.batch())
          .number(perPart)
          .number(s.length())
          .number(s.prefix())
          .number(s.d())
          .run(s.vocab(), parts, 1, rowThreads(s.d(), 1));
      sumRows(stats, Storage.FLOAT32, dTokens, (long) s.vocab() * s.d(), parts, scale);
      if (dPositions != null) {
        long n = (long) (s.prefix() + s.length()) * s.d();
        sumRows(of(dy), type, dPositions, n, s.batch(), scale);
      }
    }
  }

  private void sumRows(GpuBlock x, Storage type, Block y, long n, int count, float scale) {
    launch
        .of("embedding", type.kernel("sum_rows", 1))
        .pointer(in(x))
        .pointer(out(y))
        .number(n)
        .number(count)
        .number(scale)
        .run(grid(n, 1), 1, 1, 256);
  }

  private static void checkIds(int[] ids, Look s) {
    for (int id : ids) {
      if (id < 0 || id >= s.vocab()) {
        throw new IllegalArgumentException(
            "token %d is none of the %d in the vocabulary".formatted(id, s.vocab()));
      }
    }
  }

  @Override
  public void transpose(Block x, Block y, int batch, int rows, int columns) {
    Storage type = type("transpose", x, y);
    synchronized (gpu) {
      gpu.use();
      launch
          .of("elements", type.kernel("transpose", 1))
          .pointer(in(x))
          .pointer(out(y))
          .number(batch)
          .number(rows)
          .number(columns)
          .run((columns + 31) / 32, (rows + 31) / 32, Math.min(batch, 65535), 32, 8);
    }
  }

  // Row by row

  @Override
  public void addNorm(Block x, Block r, Block y, Block inverse, int rows, int width, float eps) {
    synchronized (gpu) {
      gpu.use();
      addNorm(x, r, y, inverse, null, null, rows, width, eps);
    }
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
    check("addNormMoved", moved, (long) at + batch);
    synchronized (gpu) {
      gpu.use();
      rowSums = scratch(rowSums, (long) batch * per);
      addNorm(x, r, y, null, before, rowSums, batch * per, width, eps);
      launch
          .of("norms", "sample_norms")
          .pointer(in(rowSums))
          .pointer(out(moved) + 4L * at)
          .number(batch)
          .number(per)
          .run(rowGrid(batch), 1, 1, ROW_THREADS);
    }
  }

  private void addNorm(
      Block x,
      Block r,
      Block y,
      Block inverse,
      Block before,
      Block moved,
      int rows,
      int width,
      float eps) {
    Storage type = type("addNorm", x, r, y);
    check("addNorm", x, (long) rows * width);
    check("addNorm", r, (long) rows * width);
    check("addNorm", y, (long) rows * width);
    int at = width(type, width, x, r, y, before);
    launch
        .of("norms", type.kernel("add_norm", at))
        .pointer(in(x))
        .pointer(in(r))
        .pointer(out(y))
        .pointer(optional(inverse))
        .pointer(before == null ? 0 : in(before))
        .pointer(optional(moved))
        .number(rows)
        .number(width)
        .number(eps)
        .run(rowGrid(rows), 1, 1, ROW_THREADS);
  }

  @Override
  public void addNormBackward(Block dy, Block y, Block inverse, Block dx, int rows, int width) {
    Storage type = type("addNormBackward", dy, y, dx);
    int at = width(type, width, dy, y, dx);
    synchronized (gpu) {
      gpu.use();
      launch
          .of("norms", type.kernel("add_norm_backward", at))
          .pointer(in(dy))
          .pointer(in(y))
          .pointer(in(inverse))
          .pointer(out(dx))
          .number(rows)
          .number(width)
          .run(rowGrid(rows), 1, 1, ROW_THREADS);
    }
  }

  @Override
  public void swiGlu(Block gateUp, Block y, int rows, int inter) {
    Storage type = type("swiGlu", gateUp, y);
    int width = width(type, inter, gateUp, y);
    synchronized (gpu) {
      gpu.use();
      launch
          .of("gates", type.kernel("swiglu", width))
          .pointer(in(gateUp))
          .pointer(out(y))
          .number(inter)
          .run(rows, 1, 1, rowThreads(inter, width));
    }
  }

  @Override
  public void swiGluBackward(Block gateUp, Block dy, Block dGateUp, int rows, int inter) {
    Storage type = type("swiGluBackward", gateUp, dy, dGateUp);
    int width = width(type, inter, gateUp, dy, dGateUp);
    synchronized (gpu) {
      gpu.use();
      launch
          .of("gates", type.kernel("swiglu_backward", width))
          .pointer(in(gateUp))
          .pointer(in(dy))
          .pointer(out(dGateUp))
          .number(inter)
          .run(rows, 1, 1, rowThreads(inter, width));
    }
  }

  @Override
  public void swiGluNorm(Block gateUp, Block y, int rows, int inter, float eps) {
    Storage type = type("swiGluNorm", gateUp, y);
    int width = width(type, inter, gateUp, y);
    synchronized (gpu) {
      gpu.use();
      launch
          .of("gates", type.kernel("swiglu_norm", width))
          .pointer(in(gateUp))
          .pointer(out(y))
          .number(rows)
          .number(inter)
          .number(eps)
          .run(rowGrid(rows), 1, 1, ROW_THREADS);
    }
  }

  @Override
  public void swiGluNormBackward(
      Block gateUp, Block dy, Block dGateUp, int rows, int inter, float eps) {
    Storage type = type("swiGluNormBackward", gateUp, dy, dGateUp);
    int width = width(type, inter, gateUp, dy, dGateUp);
    synchronized (gpu) {
      gpu.use();
      launch
          .of("gates", type.kernel("swiglu_norm_backward", width))
          .pointer(in(gateUp))
          .pointer(in(dy))
          .pointer(out(dGateUp))
          .number(rows)
          .number(inter)
          .number(eps)
          .run(rowGrid(rows), 1, 1, ROW_THREADS);
    }
  }

  @Override
  public void distances(Block a, Block b, float[] norms, int batch, int n) {
    Storage type = type("distances", a, b);
    int width = width(type, n, a, b);
    synchronized (gpu) {
      gpu.use();
      sampleNorms = scratch(sampleNorms, batch);
      launch
          .of("norms", type.kernel("distances", width))
          .pointer(in(a))
          .pointer(in(b))
          .pointer(out(sampleNorms))
          .number(n)
          .run(batch, 1, 1, 256);
    }
    sampleNorms.read(0, norms, 0, batch);
  }

  @Override
  public Fingerprint[] fingerprints(Block x, int[] rows, int n) {
    Storage type = of(x).storage;
    check("fingerprints", x, (Arrays.stream(rows).max().orElse(-1) + 1L) * n);
    Fingerprint[] of = new Fingerprint[rows.length];
    if (rows.length == 0) {
      return of;
    }
    synchronized (gpu) {
      gpu.use();
      indices(rows);
      sampleNorms = scratch(sampleNorms, 3L * rows.length);
      launch
          .of("norms", type.kernel("fingerprints", width(type, n, x)))
          .pointer(in(x))
          .pointer(in(indices))
          .pointer(out(sampleNorms))
          .number(n)
          .run(rows.length, 1, 1, 256);
    }
    float[] words = new float[3 * rows.length];
    sampleNorms.read(0, words, 0, words.length);
    for (int i = 0; i < rows.length; i++) {
      long high = Float.floatToRawIntBits(words[3 * i + 1]);
      long low = Float.floatToRawIntBits(words[3 * i + 2]) & 0xffffffffL;
      of[i] = new Fingerprint(words[3 * i], high << 32 | low);
    }
    return of;
  }

  // Attention

  @Override
  public void attention(Block qkv, Block rope, Block y, int batch, int per, int heads, int d) {
    Storage type = type("attention", qkv, y);
    checkHead(d);
    check("attention", qkv, 3L * batch * per * heads * d);
    check("attention", y, (long) batch * per * heads * d);
    boolean tensor = type == Storage.BFLOAT16 && TENSOR_HEADS.contains(d);
    synchronized (gpu) {
      gpu.use();
      if (tensor) {
        int warps = warps(per);
        launch.of("attention_mma", "attention_mma_" + d);
        attention(qkv, rope, y).number(per).number(heads);
        launch.run((per + 16L * warps - 1) / (16L * warps), heads, batch, 32 * warps);
      } else {
        launch.of("attention", type.kernel("attention", 1));
        attention(qkv, rope, y).number(per).number(heads).number(d);
        launch.run(rowGrid(per), heads, batch, ROW_THREADS);
      }
    }
  }

  /** Warps of a block on tensor cores: one for each 16 rows, at most 8. */
  private static int warps(int per) {
    return Math.min(8, (per + 15) / 16);
  }

  private Launch attention(Block qkv, Block rope, Block y) {
    return launch.pointer(in(qkv)).pointer(rope == null ? 0 : in(rope)).pointer(out(y));
  }

  @Override
  public void attentionBackward(
      Block qkv, Block rope, Block dy, Block dqkv, int batch, int per, int heads, int d) {
    Storage type = type("attentionBackward", qkv, dy, dqkv);
    checkHead(d);
    synchronized (gpu) {
      gpu.use();
      stats = scratch(stats, 2L * batch * heads * per);
      boolean tensor = type == Storage.BFLOAT16 && TENSOR_HEADS.contains(d);
      for (String half : List.of("queries", "keys")) {
        if (tensor) {
          launch.of("attention_mma_backward", "attention_mma_backward_" + half + "_" + d);
        } else {
          launch.of("attention", type.kernel("attention_backward_" + half, 1));
        }
        launch
            .pointer(in(qkv))
            .pointer(rope == null ? 0 : in(rope))
            .pointer(in(dy))
            .pointer(out(dqkv))
            .pointer(out(stats))
            .number(per)
            .number(heads);
        if (tensor) {
          int warps = warps(per);
          launch.run((per + 16L * warps - 1) / (16L * warps), heads, batch, 32 * warps);
        } else {
          launch.number(d).run(rowGrid(per), heads, batch, ROW_THREADS);
        }
      }
    }
  }

  private static void checkHead(int d) {
    if (d > 256 || d % 2 != 0) {
      throw new IllegalArgumentException(
          "attention heads of %d elements: the GPU takes even numbers up to 256".formatted(d));
    }
  }

  // Updates

  @Override
  public void adamATan2(Block p, Block g, Block m, Block v, int n, AdamStep s, float scale) {
    type("adamATan2", p, g, m, v, p);
    synchronized (gpu) {
      gpu.use();
      adam("adam_atan2", p, g, m, v, n, s).number(scale).run(grid(n, 1), 1, 1, 256);
    }
  }

  @Override
  public void adamW(Block p, Block g, Block m, Block v, int n, AdamStep s) {
    type("adamW", p, g, m, v, p);
    synchronized (gpu) {
      gpu.use();
      adam("adam_w", p, g, m, v, n, s).run(grid(n, 1), 1, 1, 256);
    }
  }

  private Launch adam(String kernel, Block p, Block g, Block m, Block v, int n, AdamStep s) {
    return launch
        .of("updates", kernel)
        .pointer(out(p))
        .pointer(in(g))
        .pointer(out(m))
        .pointer(out(v))
        .number((long) n)
        .number((float) (1 - (double) s.lr() * s.weightDecay()))
        .number((float) (s.lr() / (1 - Math.pow(s.beta1(), s.t()))))
        .number((float) Math.sqrt(1 - Math.pow(s.beta2(), s.t())))
        .number(s.beta1())
        .number(s.beta2());
  }

  @Override
  public void average(Block p, Block average, int n, float decay) {
    synchronized (gpu) {
      gpu.use();
      launch
          .of("updates", "average")
          .pointer(in(p))
          .pointer(out(average))
          .number((long) n)
          .number(decay)
          .run(grid(n, 1), 1, 1, 256);
    }
  }

  // Records

  @Override
  public void replay(String what, int batch, Block[] reads, Block[] writes, Runnable body) {
    List<Long> addresses = new ArrayList<>();
    synchronized (gpu) {
      gpu.use();
      for (Block block : reads) {
        addresses.add(in(block));
      }
      for (Block block : writes) {
        if (block != null) {
          addresses.add(out(block));
        }
      }
      graphs.run(new Graphs.Key(what, batch, addresses), body);
    }
  }

  /** Float32 scratch of at least n floats; a smaller one is given up. */
  private GpuBlock scratch(GpuBlock had, long n) {
    if (had != null && had.length() >= n) {
      return had;
    }
    if (had != null) {
      had.free();
    }
    return own(zeroed(Storage.FLOAT32, n, null));
  }

  /** Waits for everything that was called; for measuring. */
  void synchronize() {
    stream.synchronize("all calls");
  }

  long graphs() {
    return graphs.count();
  }

  @Override
  public void close() {
    synchronized (gpu) {
      if (closed) {
        return;
      }
      graphs.clear();
      closed = true;
      stream.close();
      gemm.close();
      new HashSet<>(owned).forEach(GpuBlock::free);
      owned.clear();
    }
  }
}
