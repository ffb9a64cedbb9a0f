package hrm.model.cuda;

import static hrm.model.cuda.GpuBlock.of;
import static hrm.model.cuda.Operands.check;
import static hrm.model.cuda.Operands.type;
import static hrm.model.cuda.Operands.width;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyAsync;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToDevice;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyPeerAsync;

import hrm.model.Block;
import java.util.Arrays;

/** Calls of elements.cu: sums, copies, rows in another order, transposition. */
final class ElementCalls {
  private static final String SOURCE = "elements";

  private final GpuStream stream;
  private final Launch launch;
  private final RowNumbers numbers;

  ElementCalls(GpuStream stream, Launch launch, RowNumbers numbers) {
    this.stream = stream;
    this.launch = launch;
    this.numbers = numbers;
  }

  void add(Block a, Block b, Block y, int n) {
    Storage type = type("add", a, b, y);
    int width = width(type, n, a, b, y);
    launch.of(SOURCE, type.kernel("add_elements", width)).follows();
    launch.in(a).in(b).out(y).number((long) n).overElements(n, width);
  }

  void blend(Block x, Block y, int n, float a, float b) {
    Storage type = type("blend", x, y);
    int width = width(type, n, x, y);
    launch.of(SOURCE, type.kernel("blend", width)).in(x).out(y);
    launch.number((long) n).number(a).number(b).overElements(n, width);
  }

  void fill(Block x, int n, float value) {
    Storage type = of(x).storage;
    int width = width(type, n, x);
    launch.of(SOURCE, type.kernel("fill", width)).out(x).number((long) n).number(value);
    launch.overElements(n, width);
  }

  void copy(Block x, Block y, int n) {
    check("copy", x, n);
    check("copy", y, n);
    if (of(x).storage != of(y).storage) {
      convert(x, y, n);
      return;
    }
    synchronized (stream.gpu) {
      stream.gpu.use();
      of(x).readBy(stream);
      of(y).writtenBy(stream);
      stream.gpu.runtime(
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

  /** y = x in y's type, which is the other one. */
  void convert(Block x, Block y, long n) {
    boolean narrowing = of(y).storage == Storage.BFLOAT16;
    launch.of(SOURCE, narrowing ? "float_to_bf16" : "bf16_to_float").in(x).out(y).number(n);
    launch.overElements(n, 1);
  }

  void gather(Block x, int[] from, Block fallback, Block y, int n) {
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
    GpuBlock rows = numbers.bring(from);
    if (fresh) {
      type("gather's fallback", fallback, rows);
    }
    launch.of(SOURCE, type.kernel("gather_rows", width)).in(x).in(rows);
    launch.in(fresh ? fallback : null).number(fresh ? Math.toIntExact(fallback.length()) : 1);
    launch.out(y).number(n).blocks(from.length, n, width);
  }

  void transpose(Block x, Block y, int batch, int rows, int columns) {
    Storage type = type("transpose", x, y);
    launch.of(SOURCE, type.kernel("transpose", 1)).in(x).out(y);
    launch.number(batch).number(rows).number(columns);
    launch.run((columns + 31) / 32, (rows + 31) / 32, Math.min(batch, 65535), 32, 8);
  }

  /** From a block of another GPU; waits, since that one's streams know nothing of this one's. */
  void bring(GpuBlock x, GpuBlock y, int n) {
    x.gpu().transfers.lend(x, () -> copyFromPeer(x, y, n));
  }

  private void copyFromPeer(GpuBlock x, GpuBlock y, int n) {
    Gpu gpu = stream.gpu;
    synchronized (gpu) {
      gpu.use();
      y.writtenBy(stream);
      gpu.runtime(
          cudaMemcpyPeerAsync(
              y.pointer,
              gpu.device.ordinal(),
              x.pointer,
              x.gpu().device.ordinal(),
              (long) n * x.storage.bytes,
              stream.handle),
          "cudaMemcpyPeerAsync",
          n + " floats");
    }
    stream.synchronize("a copy from another GPU, floats: ", n);
  }
}
