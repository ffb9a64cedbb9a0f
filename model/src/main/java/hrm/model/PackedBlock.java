package hrm.model;

import hrm.model.io.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Floats as bytes in host memory, as they cross nodes: little-endian F32 or BF16; read only. */
final class PackedBlock extends Block {
  final DType dtype;
  final ByteBuffer bytes;

  PackedBlock(DType dtype, ByteBuffer bytes) {
    if (dtype != DType.F32 && dtype != DType.BF16) {
      throw new IllegalArgumentException("states are packed as F32 or BF16, not as " + dtype);
    }
    this.dtype = dtype;
    this.bytes = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** The first n floats of a block. */
  static PackedBlock of(Block block, int n, DType dtype) {
    ByteBuffer bytes = ByteBuffer.allocate(n * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    float[] chunk = new float[Math.min(n, block.chunk())];
    for (int at = 0; at < n; at += chunk.length) {
      int count = Math.min(chunk.length, n - at);
      block.read(at, chunk, 0, count);
      dtype.put(chunk, 0, count, bytes.position(at * dtype.bytes()));
    }
    return new PackedBlock(dtype, bytes.rewind());
  }

  void copyTo(Block block) {
    int n = (int) length();
    float[] chunk = new float[Math.min(n, block.chunk())];
    for (int at = 0; at < n; at += chunk.length) {
      int count = Math.min(chunk.length, n - at);
      read(at, chunk, 0, count);
      block.write(at, chunk, 0, count);
    }
  }

  @Override
  public long length() {
    return bytes.capacity() / dtype.bytes();
  }

  @Override
  public void write(long at, float[] source, int sourceAt, int n) {
    throw new IllegalStateException("a packed state is read only");
  }

  @Override
  public void read(long at, float[] target, int targetAt, int n) {
    ByteBuffer from = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    dtype.get(from.position(Math.toIntExact(at) * dtype.bytes()), target, targetAt, n);
  }

  @Override
  public void close() {
    // The collector's business.
  }
}
