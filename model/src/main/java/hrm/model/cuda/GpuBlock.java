package hrm.model.cuda;

import hrm.model.Block;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;

/**
 * Memory of one GPU, float32 or bfloat16. Its home stream is the one it was allocated on; it knows
 * which stream of that GPU wrote it last and which have read it since, so that each use waits for
 * the right ones.
 */
final class GpuBlock extends Block {
  private static final Cleaner CLEANER = Cleaner.create();

  final Storage storage;
  final GpuMemory home;
  final BytePointer pointer;
  final long address;
  private final long length;
  private final GpuBlock whole; // of a slice; itself otherwise
  private final Cleaner.Cleanable memory; // null for a slice
  private final float[] shared; // weights that others use too, or null

  // Guarded by the GPU's lock, and kept in the whole block.
  private GpuStream writer;
  private final List<GpuStream> readers = new ArrayList<>(2);
  private GpuBlock shadow; // bfloat16 copy of a float32 block that is an operand of products
  private boolean shadowStale = true;

  private boolean freed;

  private record Free(Gpu gpu, BytePointer pointer, long bytes) implements Runnable {
    @Override
    public void run() {
      gpu.free(pointer, bytes);
    }
  }

  GpuBlock(GpuMemory home, Storage storage, long length, float[] shared) {
    this.home = home;
    this.storage = storage;
    this.length = length;
    this.pointer = home.gpu.allocate(length * storage.bytes);
    this.address = pointer.address();
    this.whole = this;
    this.shared = shared;
    this.memory = CLEANER.register(this, new Free(home.gpu, pointer, length * storage.bytes));
  }

  private GpuBlock(GpuBlock whole, long at, long length) {
    this.home = whole.home;
    this.storage = whole.storage;
    this.length = length;
    this.pointer = new BytePointer(new BytePointer(whole.pointer).position(at * storage.bytes));
    this.address = whole.address + at * storage.bytes;
    this.whole = whole;
    this.shared = null;
    this.memory = null;
  }

  static GpuBlock of(Block block) {
    return (GpuBlock) block;
  }

  Gpu gpu() {
    return home.gpu;
  }

  /** A stream is about to read it; the lock is held. */
  void readBy(GpuStream stream) {
    stream.gets();
    if (whole.writer != stream && !whole.readers.contains(stream)) {
      stream.waitFor(whole.writer);
      whole.readers.add(stream);
    }
  }

  /** A stream is about to write it; the lock is held. */
  void writtenBy(GpuStream stream) {
    stream.gets();
    if (whole.writer != stream) {
      stream.waitFor(whole.writer);
    }
    for (GpuStream reader : whole.readers) {
      stream.waitFor(reader);
    }
    whole.readers.clear();
    whole.writer = stream;
    whole.shadowStale = true;
  }

  /**
   * Its bfloat16 copy of at least n elements, and whether that is out of date; the lock is held.
   */
  GpuBlock shadow(GpuMemory user) {
    if (shadow == null) {
      shadow = user.bare(Storage.BFLOAT16, length);
    }
    return shadow;
  }

  boolean shadowIsStale() {
    return shadowStale;
  }

  void shadowIsFresh() {
    shadowStale = false;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public Block slice(long at, long length) {
    if (at < 0 || length < 0 || at + length > this.length) {
      throw new IndexOutOfBoundsException(
          "%d floats from %d of a block of %d".formatted(length, at, this.length));
    }
    return new GpuBlock(whole, at + (address - whole.address) / storage.bytes, length);
  }

  @Override
  public int chunk() {
    return 1 << 20;
  }

  @Override
  public void write(long at, float[] source, int sourceAt, int n) {
    gpu().transfers.write(this, at, source, sourceAt, n);
  }

  @Override
  public void read(long at, float[] target, int targetAt, int n) {
    gpu().transfers.read(this, at, target, targetAt, n);
  }

  @Override
  public void close() {
    if (shared != null) {
      gpu().release(shared);
    } else {
      free();
    }
  }

  boolean isFreed() {
    return freed;
  }

  /** Frees it, whoever shares it. */
  void free() {
    freed = true;
    if (memory != null) {
      home.forget(this);
      if (shadow != null) {
        shadow.free();
      }
      memory.clean();
    }
  }
}
