package hrm.model.cuda;

import static org.bytedeco.cuda.global.cudart.CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION;
import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;
import static org.bytedeco.cuda.global.cudart.cuLaunchKernelEx;

import hrm.model.Block;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUlaunchAttribute;
import org.bytedeco.cuda.cudart.CUlaunchConfig;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * One kernel call after another on a stream: a name, arguments in the source's order, a grid. A
 * call waits for the streams that its blocks come from, and others will wait for it.
 */
final class Launch {
  private static final int MOST_ARGUMENTS = 24;
  private static final int ELEMENT_THREADS = 256;
  private static final int WARPS = 4; // of a block that has a row a warp

  private final GpuStream stream;
  private final BytePointer memory = new BytePointer(8L * MOST_ARGUMENTS);
  private final ByteBuffer values;
  private final PointerPointer<?> arguments;
  private final CUlaunchAttribute attribute = new CUlaunchAttribute(); // following refers to it
  private final CUlaunchConfig following = new CUlaunchConfig();
  private final GpuBlock[] blocks = new GpuBlock[MOST_ARGUMENTS]; // by argument; null: no block
  private final boolean[] written = new boolean[MOST_ARGUMENTS];
  private CUfunc_st function;
  private String kernel;
  private int shared;
  private boolean follows;
  private int count;

  Launch(GpuStream stream) {
    this.stream = stream;
    this.values = memory.asByteBuffer().order(ByteOrder.nativeOrder());
    LongPointer slots = new LongPointer(MOST_ARGUMENTS);
    for (int i = 0; i < MOST_ARGUMENTS; i++) {
      slots.put(i, memory.address() + 8L * i);
    }
    this.arguments = new PointerPointer<>(slots);
    attribute.id(CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION);
    attribute.value().programmaticStreamSerializationAllowed(1);
    following.attrs(attribute).numAttrs(1).hStream(stream.handle);
  }

  Launch of(String source, String kernel) {
    return of(source, kernel, 0);
  }

  /** A kernel whose blocks get so many bytes of shared memory beyond their own. */
  Launch of(String source, String kernel, int shared) {
    this.function = stream.gpu.programs.function(source, kernel, shared);
    this.kernel = kernel;
    this.shared = shared;
    this.follows = false;
    this.count = 0;
    return this;
  }

  /**
   * A kernel that may be brought to the multiprocessors while the one before it ends, since it
   * begins with {@code follow()}.
   */
  Launch follows() {
    follows = stream.gpu.device.major() >= 9;
    return this;
  }

  /** A block that is read; null for a null pointer. */
  Launch in(Block block) {
    return block(block, 0, false);
  }

  /** A block that is written, and may be read; null for a null pointer. */
  Launch out(Block block) {
    return block(block, 0, true);
  }

  /** A block that is written from a float32 element on. */
  Launch out(Block block, long at) {
    return block(block, 4 * at, true);
  }

  private Launch block(Block block, long offset, boolean writes) {
    blocks[count] = block == null ? null : GpuBlock.of(block);
    written[count] = writes;
    values.putLong(8 * count++, block == null ? 0 : GpuBlock.of(block).address + offset);
    return this;
  }

  Launch number(int value) {
    blocks[count] = null;
    values.putInt(8 * count++, value);
    return this;
  }

  Launch number(long value) {
    blocks[count] = null;
    values.putLong(8 * count++, value);
    return this;
  }

  Launch number(float value) {
    blocks[count] = null;
    values.putFloat(8 * count++, value);
    return this;
  }

  /** Threads for n elements, {@code width} at once, a few for each multiprocessor at most. */
  void overElements(long n, int width) {
    long most = 4096;
    run(
        Math.max(1, Math.min((n / width + ELEMENT_THREADS - 1) / ELEMENT_THREADS, most)),
        1,
        1,
        ELEMENT_THREADS);
  }

  /** A warp for each row. */
  void overRows(long rows) {
    overRows(rows, 1, 1);
  }

  /** A warp for each row, in a grid of samples and heads. */
  void overRows(long rows, int y, int z) {
    run((rows + WARPS - 1) / WARPS, y, z, 32 * WARPS);
  }

  /** A block for each row of n elements, {@code width} at once: whole warps, at most 8. */
  void blocks(long rows, int n, int width) {
    run(rows, 1, 1, rowThreads(n, width));
  }

  static int rowThreads(int n, int width) {
    return Math.max(32, Math.min(256, (n / width + 31) / 32 * 32));
  }

  /** A grid of blocks of {@code threads}. */
  void run(long x, int y, int z, int threads) {
    run(x, y, z, threads, 1);
  }

  void run(long x, int y, int z, int threadsX, int threadsY) {
    if (x < 1 || x > Integer.MAX_VALUE || y < 1 || y > 65535 || z < 1 || z > 65535) {
      throw new IllegalArgumentException(
          "%s: a grid of %d x %d x %d blocks is beyond what a GPU takes; use a smaller batch"
              .formatted(kernel, x, y, z));
    }
    synchronized (stream.gpu) {
      stream.gpu.use();
      for (int i = 0; i < count; i++) {
        if (blocks[i] != null && written[i]) {
          blocks[i].writtenBy(stream);
        } else if (blocks[i] != null) {
          blocks[i].readBy(stream);
        }
        blocks[i] = null;
      }
      int result =
          follows
              ? launchFollowing((int) x, y, z, threadsX, threadsY)
              : launch((int) x, y, z, threadsX, threadsY);
      if (result != 0) { // a text for each launch would cost more than the launch
        stream.gpu.driver(
            result,
            "cuLaunchKernel",
            "%s, grid %d x %d x %d, block %d x %d".formatted(kernel, x, y, z, threadsX, threadsY));
      }
    }
  }

  private int launch(int x, int y, int z, int threadsX, int threadsY) {
    return cuLaunchKernel(
        function, x, y, z, threadsX, threadsY, 1, shared, stream.handle, arguments, null);
  }

  private int launchFollowing(int x, int y, int z, int threadsX, int threadsY) {
    following.gridDimX(x).gridDimY(y).gridDimZ(z);
    following.blockDimX(threadsX).blockDimY(threadsY).blockDimZ(1).sharedMemBytes(shared);
    return cuLaunchKernelEx(following, function, arguments, null);
  }
}
