package hrm.model.cpu;

import hrm.model.Block;
import java.nio.FloatBuffer;
import org.bytedeco.javacpp.FloatPointer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.factory.Nd4j;

/** A block in an ND4J data buffer off the heap; its bytes are freed by {@link #close}. */
final class NativeBlock extends Block {
  private final long length;
  private final DataBuffer buffer;
  private final FloatPointer pointer;
  private final FloatBuffer floats;

  /** For weights: the product shape last probed, and what {@link Products} found. */
  volatile long probedShape = -1;

  volatile boolean rowsIndependent;

  NativeBlock(long length) {
    if (length > Integer.MAX_VALUE / Float.BYTES) {
      throw new IllegalArgumentException(
          "a block of " + length + " floats is over 2 GiB; use a smaller batch");
    }
    this.length = length;
    this.buffer = Nd4j.createBuffer(DataType.FLOAT, Math.max(1, length), true);
    this.pointer = new FloatPointer(buffer.pointer()).capacity(Math.max(1, length));
    this.floats = pointer.asBuffer();
  }

  static NativeBlock of(Block block) {
    return (NativeBlock) block;
  }

  long address() {
    return pointer.address();
  }

  void get(int at, float[] target, int n) {
    floats.get(at, target, 0, n);
  }

  void put(int at, float[] source, int n) {
    floats.put(at, source, 0, n);
  }

  float get(int at) {
    return floats.get(at);
  }

  void put(int at, float value) {
    floats.put(at, value);
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public void write(long at, float[] source, int sourceAt, int n) {
    alive();
    floats.put(Math.toIntExact(at), source, sourceAt, n);
  }

  @Override
  public void read(long at, float[] target, int targetAt, int n) {
    alive();
    floats.get(Math.toIntExact(at), target, targetAt, n);
  }

  private void alive() {
    if (isClosed()) {
      throw new IllegalStateException("this block was freed already");
    }
  }

  boolean isClosed() {
    return buffer.wasClosed();
  }

  @Override
  public void close() {
    if (!buffer.wasClosed()) {
      buffer.close();
    }
  }
}
