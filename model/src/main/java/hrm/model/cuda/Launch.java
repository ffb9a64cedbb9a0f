package hrm.model.cuda;

import static org.bytedeco.cuda.global.cudart.cuLaunchKernel;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerPointer;

/** One kernel call after another on a stream: a name, arguments in the source's order, a grid. */
final class Launch {
  private static final int MOST_ARGUMENTS = 24;

  private final GpuStream stream;
  private final BytePointer memory = new BytePointer(8L * MOST_ARGUMENTS);
  private final ByteBuffer values;
  private final PointerPointer<?> arguments;
  private CUfunc_st function;
  private String kernel;
  private int count;

  Launch(GpuStream stream) {
    this.stream = stream;
    this.values = memory.asByteBuffer().order(ByteOrder.nativeOrder());
    LongPointer slots = new LongPointer(MOST_ARGUMENTS);
    for (int i = 0; i < MOST_ARGUMENTS; i++) {
      slots.put(i, memory.address() + 8L * i);
    }
    this.arguments = new PointerPointer<>(slots);
  }

  Launch of(String source, String kernel) {
    this.function = stream.gpu.programs.function(source, kernel);
    this.kernel = kernel;
    this.count = 0;
    return this;
  }

  /** An address in GPU memory; 0 for a null pointer. */
  Launch pointer(long address) {
    values.putLong(8 * count++, address);
    return this;
  }

  Launch number(int value) {
    values.putInt(8 * count++, value);
    return this;
  }

  Launch number(long value) {
    values.putLong(8 * count++, value);
    return this;
  }

  Launch number(float value) {
    values.putFloat(8 * count++, value);
    return this;
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
    stream.gpu.driver(
        cuLaunchKernel(
            function, (int) x, y, z, threadsX, threadsY, 1, 0, stream.handle, arguments, null),
        "cuLaunchKernel",
        "%s, grid %d x %d x %d, block %d x %d".formatted(kernel, x, y, z, threadsX, threadsY));
  }
}
