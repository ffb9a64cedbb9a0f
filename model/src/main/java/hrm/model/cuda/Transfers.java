package hrm.model.cuda;

import static org.bytedeco.cuda.global.cudart.cudaMallocHost;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToHost;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyHostToDevice;

import hrm.model.Reading;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;

/**
 * Copies between a GPU and Java's arrays, through one pinned buffer, one call at a time: whoever
 * holds this monitor has the buffer, and the device is not reset meanwhile.
 */
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
    gpu.use(); // the buffer is gone with a device that was reset
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

  /** Waits once for all that are of this GPU and fit the buffer together. */
  synchronized void read(List<Reading> readings) {
    List<Reading> together = new ArrayList<>();
    long bytes = 0;
    for (Reading reading : readings) {
      if (reading.block() instanceof GpuBlock block
          && block.gpu() == gpu
          && bytes + room(block, reading.n()) <= BYTES) {
        check(block, reading.from(), reading.n());
        bytes += room(block, reading.n());
        together.add(reading);
      } else {
        reading.now();
      }
    }
    synchronized (gpu) {
      gpu.use();
      long to = 0;
      for (Reading reading : together) {
        GpuBlock block = GpuBlock.of(reading.block());
        block.readBy(stream);
        long size = (long) reading.n() * block.storage.bytes;
        BytePointer from = at(block, reading.from() * block.storage.bytes);
        stream.copy(new BytePointer(pinned).position(to), from, size, cudaMemcpyDeviceToHost);
        to += room(block, reading.n());
      }
    }
    stream.synchronize("copies from the GPU, bytes: ", (int) bytes);
    int at = 0;
    for (Reading reading : together) {
      GpuBlock block = GpuBlock.of(reading.block());
      block.storage.dtype.get(buffer.clear().position(at), reading.to(), 0, reading.n());
      at += (int) room(block, reading.n());
    }
  }

  /**
   * For a copy to another GPU, which has no part in this one's order: what this one has to do for
   * the block is waited for, and an error in it is this one's.
   *
   * @param copy ends before it returns
   */
  synchronized void lend(GpuBlock block, Runnable copy) {
    synchronized (gpu) {
      gpu.use();
      block.readBy(stream);
    }
    stream.synchronize("what another GPU copies");
    copy.run();
  }

  /** Bytes in the buffer, in whole accesses of a copy. */
  private static long room(GpuBlock block, int n) {
    return ((long) n * block.storage.bytes + 15) / 16 * 16;
  }

  private static BytePointer at(GpuBlock block, long bytes) {
    return new BytePointer(block.pointer).position(block.pointer.position() + bytes); // of a slice
  }

  private void check(GpuBlock block, long at, int n) {
    if (at < 0 || n < 0 || at + n > block.length()) {
      throw new IndexOutOfBoundsException(
          "%d floats from %d of a block of %d".formatted(n, at, block.length()));
    }
  }
}
