package hrm.model;

import hrm.model.io.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * z of one lane: float32 (B, S, D) on its backend's device. Written once, then only read; {@link
 * #close} gives the memory back for the next state, so nobody may read it afterwards.
 *
 * <p>A packed state is a copy in host memory, in the form that crosses nodes. Nobody computes with
 * it: {@link HighLevel#resident} and {@link LowLevel#resident} bring it to their device.
 */
public final class HiddenState implements AutoCloseable {
  private final StatePool pool; // null: packed
  private final Block block;
  private final int batch;
  private final int sequence;
  private final int hidden;
  private boolean closed;

  HiddenState(StatePool pool, Block block, int batch, int sequence, int hidden) {
    this.pool = pool;
    this.block = block;
    this.batch = batch;
    this.sequence = sequence;
    this.hidden = hidden;
  }

  /**
   * A packed state from its bytes, which are not copied.
   *
   * @param dtype F32 or BF16
   * @param bytes row-major, little-endian
   * @throws IllegalArgumentException when they are not exactly as many as the shape asks for
   */
  public static HiddenState packed(
      int batch, int sequence, int hidden, DType dtype, ByteBuffer bytes) {
    long floats = (long) batch * sequence * hidden;
    if (batch < 1 || sequence < 1 || hidden < 1 || bytes.remaining() != floats * dtype.bytes()) {
      throw new IllegalArgumentException(
          "%d bytes do not hold a state of shape (%d, %d, %d) as %s"
              .formatted(bytes.remaining(), batch, sequence, hidden, dtype));
    }
    return new HiddenState(null, new PackedBlock(dtype, bytes), batch, sequence, hidden);
  }

  /** A packed copy of all of it; this state stays as it is. */
  public HiddenState packed(DType dtype) {
    int n = batch * sequence * hidden;
    return new HiddenState(null, PackedBlock.of(block(), n, dtype), batch, sequence, hidden);
  }

  /** A packed copy of one row, (1, S, D). */
  public HiddenState packedRow(int row, DType dtype) {
    int n = sequence * hidden;
    float[] values = new float[n];
    readRow(row, values);
    ByteBuffer bytes = ByteBuffer.allocate(n * dtype.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    dtype.put(values, 0, n, bytes);
    return packed(1, sequence, hidden, dtype, bytes.rewind());
  }

  public boolean isPacked() {
    return block instanceof PackedBlock;
  }

  /**
   * What a packed state is packed as.
   *
   * @throws ClassCastException for a state on a device
   */
  public DType dtype() {
    return ((PackedBlock) block).dtype;
  }

  /** A packed state's bytes, read only; as {@link #dtype()}. */
  public ByteBuffer bytes() {
    return ((PackedBlock) block).bytes.asReadOnlyBuffer();
  }

  public int batch() {
    return batch;
  }

  public int sequence() {
    return sequence;
  }

  public int hidden() {
    return hidden;
  }

  /** Copies all of it to the host, row-major. */
  public void read(float[] into) {
    block().read(0, into, 0, batch * sequence * hidden);
  }

  /**
   * Copies one row to the host.
   *
   * @param into (S x D)
   */
  public void readRow(int row, float[] into) {
    int n = sequence * hidden;
    block().read((long) row * n, into, 0, n);
  }

  /** Of one row, computed on the host. */
  public Fingerprint fingerprint(int row) {
    return Fingerprint.of(block(), new int[] {row}, sequence * hidden)[0];
  }

  Block block() {
    if (closed) {
      throw new IllegalStateException("this hidden state was given back already");
    }
    return block;
  }

  @Override
  public void close() {
    if (pool == null) {
      return;
    }
    synchronized (pool) {
      if (!closed) {
        closed = true;
        pool.giveBack(block);
      }
    }
  }
}
