package hrm.model.cuda;

import static org.bytedeco.cuda.global.cudart.cudaMemsetAsync;

import java.util.Collections;
import java.util.HashSet;
import java.util.Set;
import java.util.WeakHashMap;

/**
 * Blocks of one stream of a GPU: zeroed when they are made, waited for when they go, and freed with
 * the stream unless they were made to outlive it.
 */
final class GpuMemory {
  final Gpu gpu;
  final Storage work; // of activations
  private final GpuStream stream;
  private final Graphs graphs;
  private final Set<GpuBlock> owned = Collections.newSetFromMap(new WeakHashMap<>());
  private boolean closed;

  GpuMemory(GpuStream stream, Storage work, Graphs graphs) {
    this.gpu = stream.gpu;
    this.stream = stream;
    this.work = work;
    this.graphs = graphs;
  }

  /** Freed with the stream at the latest. */
  GpuBlock own(Storage storage, long length) {
    GpuBlock block = zeroed(storage, length, null);
    owned.add(block);
    return block;
  }

  /** Freed by its user alone. */
  GpuBlock lasting(Storage storage, long length) {
    return zeroed(storage, length, null);
  }

  /** Weights that all streams of the GPU read. */
  GpuBlock constant(float[] data) {
    return gpu.constant(data, this);
  }

  GpuBlock bringConstant(float[] data) {
    GpuBlock block = zeroed(Storage.FLOAT32, data.length, data);
    block.write(0, data, 0, data.length);
    return block;
  }

  /**
   * Float32 scratch of at least n floats; a smaller one is given up. Where there is no room the
   * caller still has the one that was given up, and comes with it the next time.
   */
  GpuBlock scratch(GpuBlock had, long n) {
    if (had != null && had.length() >= n && !had.isFreed()) {
      return had;
    }
    if (had != null) {
      had.free();
    }
    return own(Storage.FLOAT32, n);
  }

  /** With undefined contents; its user frees it. */
  GpuBlock bare(Storage storage, long length) {
    return block(storage, length, null);
  }

  /** Not while a graph is recorded, which must not find memory short half-way. */
  private GpuBlock block(Storage storage, long length, float[] shared) {
    if (graphs.isRecording()) {
      throw new IllegalStateException("memory is asked for while a graph is recorded");
    }
    return new GpuBlock(this, storage, length, shared);
  }

  private GpuBlock zeroed(Storage storage, long length, float[] shared) {
    synchronized (gpu) {
      GpuBlock block = block(storage, length, shared);
      block.writtenBy(stream);
      gpu.runtime(
          cudaMemsetAsync(block.pointer, 0, length * storage.bytes, stream.handle),
          "cudaMemsetAsync",
          length + " floats");
      return block;
    }
  }

  /** A block goes away: no record may use it any more. */
  void forget(GpuBlock block) {
    synchronized (gpu) {
      if (!closed) {
        graphs.clear();
        owned.remove(block);
      }
    }
  }

  /** Waits for the stream, ends it and frees what it owns; the lock is held. */
  void close() {
    graphs.clear();
    closed = true;
    stream.close();
    new HashSet<>(owned).forEach(GpuBlock::free);
    owned.clear();
  }
}
