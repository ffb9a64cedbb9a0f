package hrm.model.cuda;

import static org.bytedeco.cuda.global.cudart.cudaMallocHost;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToHost;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyHostToDevice;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.javacpp.BytePointer;

/** Copies between a GPU and Java's arrays, through one pinned buffer, one call at a time. */
final class Transfers {
  private static final int BYTES = 4 << 20;

  private final Gpu gpu;
  private final GpuStream stream;
  private final BytePointer pinned = new BytePointer();
  private final ByteBuffer buffer;

  Transfers(Gpu gpu) {
    this.gpu = gpu;
    this.stream = new GpuStream(gpu);
    gpu.use();
    gpu.runtime(cudaMallocHost(pinned, BYTES), "cudaMallocHost", BYTES + " bytes");
    this.buffer =
        new BytePointer(pinned).capacity(BYTES).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  synchronized void write(GpuBlock block, long at, float[] source, int sourceAt, int n) {
    check(block, at, n);
    int bytes = block.storage.bytes;
    int most = BYTES / bytes;
    for (int done = 0; done < n; done += most) {
      int count = Math.min(most, n - done);
      block.storage.dtype.put(source, sourceAt + done, count, buffer.clear());
      long to = (at + done) * bytes;
      synchronized (gpu) {
        gpu.use();
        block.writtenBy(stream);
        stream.copy(at(block, to), pinned, (long) count * bytes, cudaMemcpyHostToDevice);
      }
      stream.synchronize("a copy to the GPU, floats: ", count);
    }
  }

  synchronized void read(GpuBlock block, long at, float[] target, int targetAt, int n) {
    check(block, at, n);
    int bytes = block.storage.bytes;
    int most = BYTES / bytes;
    for (int done = 0; done < n; done += most) {
      int count = Math.min(most, n - done);
      synchronized (gpu) {
        gpu.use();
        block.readBy(stream);
        stream.copy(
            pinned, at(block, (at + done) * bytes), (long) count * bytes, cudaMemcpyDeviceToHost);
      }
      stream.synchronize("a copy from the GPU, floats: ", count);
      block.storage.dtype.get(buffer.clear(), target, targetAt + done, count);
    }
  }

  /** Both from their first float, waiting once where they fit the buffer. */
  synchronized void read(GpuBlock a, float[] toA, int n, GpuBlock b, float[] toB, int m) {
    int bytesA = n * a.storage.bytes;
    int bytesB = m * b.storage.bytes;
    int second = (bytesA + 15) / 16 * 16;
    if ((long) second + bytesB > BYTES) {
      read(a, 0, toA, 0, n);
      read(b, 0, toB, 0, m);
      return;
    }
    check(a, 0, n);
    check(b, 0, m);
    synchronized (gpu) {
      gpu.use();
      a.readBy(stream);
      b.readBy(stream);
      stream.copy(pinned, a.pointer, bytesA, cudaMemcpyDeviceToHost);
      stream.copy(
          new BytePointer(pinned).position(second), b.pointer, bytesB, cudaMemcpyDeviceToHost);
    }
    stream.synchronize("copies from the GPU, floats: ", n + m);
    a.storage.dtype.get(buffer.clear(), toA, 0, n);
    b.storage.dtype.get(buffer.clear().position(second), toB, 0, m);
  }

  private static BytePointer at(GpuBlock block, long bytes) {
    return new BytePointer(block.pointer).position(bytes);
  }

  private void check(GpuBlock block, long at, int n) {
    if (at < 0 || n < 0 || at + n > block.length()) {
      throw new IndexOutOfBoundsException(
          "%d floats from %d of a block of %d".formatted(n, at, block.length()));
    }
  }
}
