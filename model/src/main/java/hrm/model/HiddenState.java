package hrm.model;

/**
 * z of one lane: float32 (B, S, D) on its backend's device. Written once, then only read; {@link
 * #close} gives the memory back for the next state, so nobody may read it afterwards.
 */
public final class HiddenState implements AutoCloseable {
  private final StatePool pool;
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

  Block block() {
    if (closed) {
      throw new IllegalStateException("this hidden state was given back already");
    }
    return block;
  }

  @Override
  public void close() {
    synchronized (pool) {
      if (!closed) {
        closed = true;
        pool.giveBack(block);
      }
    }
  }
}
