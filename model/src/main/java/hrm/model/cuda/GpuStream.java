package hrm.model.cuda;

import static org.bytedeco.cuda.global.cudart.cudaEventCreateWithFlags;
import static org.bytedeco.cuda.global.cudart.cudaEventDestroy;
import static org.bytedeco.cuda.global.cudart.cudaEventDisableTiming;
import static org.bytedeco.cuda.global.cudart.cudaEventRecord;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyAsync;
import static org.bytedeco.cuda.global.cudart.cudaStreamCreateWithFlags;
import static org.bytedeco.cuda.global.cudart.cudaStreamDestroy;
import static org.bytedeco.cuda.global.cudart.cudaStreamNonBlocking;
import static org.bytedeco.cuda.global.cudart.cudaStreamSynchronize;
import static org.bytedeco.cuda.global.cudart.cudaStreamWaitEvent;

import java.util.Map;
import java.util.WeakHashMap;
import org.bytedeco.cuda.cudart.CUevent_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.javacpp.Pointer;

/** Work in order on one GPU; other streams wait for it by an event. */
final class GpuStream {
  final Gpu gpu;
  final CUstream_st handle = new CUstream_st();
  private final CUevent_st done = new CUevent_st();
  private final Map<GpuStream, Long> waitedFor = new WeakHashMap<>(); // their works by then
  private long works;
  private boolean closed;

  GpuStream(Gpu gpu) {
    this.gpu = gpu;
    gpu.use();
    gpu.runtime(
        cudaStreamCreateWithFlags(handle, cudaStreamNonBlocking), "cudaStreamCreateWithFlags", "");
    gpu.runtime(
        cudaEventCreateWithFlags(done, cudaEventDisableTiming), "cudaEventCreateWithFlags", "");
  }

  /**
   * What comes next here begins after what the other stream, of the same GPU, has so far; the lock
   * is held.
   */
  void waitFor(GpuStream other) {
    if (other == null || other == this || other.closed) {
      return;
    }
    if (Long.valueOf(other.works).equals(waitedFor.get(other))) {
      return; // it has got nothing since
    }
    gpu.runtime(cudaEventRecord(other.done, other.handle), "cudaEventRecord", "");
    gpu.runtime(cudaStreamWaitEvent(handle, other.done, 0), "cudaStreamWaitEvent", "");
    waitedFor.put(other, other.works);
  }

  /** It is about to get work; the lock is held. */
  void gets() {
    works++;
  }

  /** A copy after what it has got, in bytes; the lock is held. */
  void copy(Pointer to, Pointer from, long bytes, int kind) {
    gpu.runtime(cudaMemcpyAsync(to, from, bytes, kind, handle), "cudaMemcpyAsync", bytes);
  }

  /** Waits until all of it is done; an error of an earlier kernel comes to light here. */
  void synchronize(String after) {
    synchronize(after, "");
  }

  void synchronize(String after, Object more) {
    gpu.use();
    int result = cudaStreamSynchronize(handle);
    if (result != 0) {
      gpu.runtime(result, "cudaStreamSynchronize", "after " + after + more);
    }
  }

  void close() {
    synchronized (gpu) {
      if (closed) {
        return;
      }
      closed = true;
      if (!gpu.isBroken()) {
        synchronize("the last call");
        gpu.runtime(cudaEventDestroy(done), "cudaEventDestroy", "");
        gpu.runtime(cudaStreamDestroy(handle), "cudaStreamDestroy", "");
      }
    }
  }
}
