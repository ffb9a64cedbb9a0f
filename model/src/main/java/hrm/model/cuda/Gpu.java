package hrm.model.cuda;

import static org.bytedeco.cuda.global.cudart.cudaDeviceReset;
import static org.bytedeco.cuda.global.cudart.cudaFree;
import static org.bytedeco.cuda.global.cudart.cudaGetLastError;
import static org.bytedeco.cuda.global.cudart.cudaMalloc;
import static org.bytedeco.cuda.global.cudart.cudaSetDevice;

import hrm.model.BrokenDeviceException;
import hrm.model.DeviceMemoryException;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.BytePointer;

/**
 * One GPU of this process, until it breaks: its memory, counted, and its lock. Whoever puts work on
 * one of its streams holds the lock, since a stream that is being recorded must take nothing else.
 */
final class Gpu {
  final CudaProbe.Device device;
  final int multiprocessors;
  final Programs programs;
  final Transfers transfers;
  final SteadyAlgorithms steadyAlgorithms = new SteadyAlgorithms(); // under the lock
  final Map<Contest.Entry, Contest.Outcome> contests = new HashMap<>(); // likewise
  private final long limit;
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong blocks = new AtomicLong();
  private final Map<float[], Shared> constants = new IdentityHashMap<>();
  private volatile CudaException broken;

  private static final class Shared {
    final GpuBlock block;
    int users;

    Shared(GpuBlock block) {
      this.block = block;
    }
  }

  Gpu(CudaProbe.Device device, CudaOptions options) {
    this.device = device;
    this.multiprocessors = Devices.multiprocessors(device.ordinal());
    this.limit = options.memory() == 0 ? Long.MAX_VALUE : options.memory();
    use();
    this.programs = new Programs(this, options.cache());
    this.transfers = new Transfers(this);
  }

  /** Makes this the calling thread's device; every call does so, since actors change threads. */
  void use() {
    CudaException cause = broken;
    if (cause != null) {
      throw new BrokenDeviceException(device + " has failed: " + cause.getMessage(), cause);
    }
    runtime(cudaSetDevice(device.ordinal()), "cudaSetDevice", device.ordinal());
  }

  boolean isBroken() {
    return broken != null;
  }

  /** Checks a result of the runtime library; one after which nothing works breaks this device. */
  void runtime(int result, String call, Object on) {
    if (result != 0) {
      try {
        Cuda.runtime(result, call, on);
      } catch (CudaException e) {
        throw failed(e);
      }
    }
  }

  void driver(int result, String call, Object on) {
    if (result != 0) {
      try {
        Cuda.driver(result, call, on);
      } catch (CudaException e) {
        throw failed(e);
      }
    }
  }

  private RuntimeException failed(CudaException e) {
    if (!e.fatal) {
      return e;
    }
    broken = e;
    return new BrokenDeviceException(device + " has failed: " + e.getMessage(), e);
  }

  /**
   * Memory of so many bytes, with undefined contents.
   *
   * @throws DeviceMemoryException when there is none
   */
  BytePointer allocate(long size) {
    use();
    if (size > limit - bytes.get()) {
      throw new DeviceMemoryException(
          "%s: %d MiB more beside %d are over hrm.model.cuda.memory"
              .formatted(device.name(), mib(size), bytes.get() >> 20),
          null);
    }
    BytePointer pointer = new BytePointer();
    try {
      runtime(cudaMalloc(pointer, Math.max(1, size)), "cudaMalloc", size + " bytes");
    } catch (CudaException e) {
      if (Cuda.isOutOfMemory(e)) {
        throw new DeviceMemoryException(
            "%s has no %d MiB left beside %d MiB in use here"
                .formatted(device.name(), mib(size), bytes.get() >> 20),
            e);
      }
      throw e;
    }
    bytes.addAndGet(size);
    blocks.incrementAndGet();
    return pointer;
  }

  private static long mib(long bytes) {
    return bytes + (1 << 20) - 1 >> 20;
  }

  /** Gives memory back; on a broken device it is gone already. */
  void free(BytePointer pointer, long size) {
    bytes.addAndGet(-size);
    blocks.decrementAndGet();
    synchronized (this) { // the collector frees too: not while a stream is being recorded
      if (broken == null) {
        use();
        runtime(cudaFree(pointer), "cudaFree", size + " bytes");
      }
    }
  }

  /** Bytes allocated and not freed. */
  long bytes() {
    return bytes.get();
  }

  /** Allocations not freed. */
  long blocks() {
    return blocks.get();
  }

  /** The one copy of some weights; the first user brings it here. */
  GpuBlock constant(float[] data, GpuMemory first) {
    synchronized (constants) {
      Shared shared = constants.get(data);
      if (shared == null) {
        shared = new Shared(first.bringConstant(data));
        constants.put(data, shared);
      }
      shared.users++;
      return shared.block;
    }
  }

  void release(float[] data) {
    synchronized (constants) {
      Shared shared = constants.get(data);
      if (shared != null && --shared.users == 0) {
        constants.remove(data);
        shared.block.free();
      }
    }
  }

  /**
   * Ends everything on the device, so that a new {@link Gpu} can try to begin. Not while anybody is
   * at work on it: its streams and the transfers' buffer go.
   */
  void reset() {
    synchronized (transfers) {
      synchronized (this) {
        broken =
            broken != null
                ? broken
                : new CudaException("cudaDeviceReset", "", 0, "was called", true);
        cudaSetDevice(device.ordinal()); // may tell the old error once more
        cudaDeviceReset();
        cudaGetLastError();
      }
    }
  }
}
