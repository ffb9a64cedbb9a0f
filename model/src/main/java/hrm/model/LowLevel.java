package hrm.model;

/** The worker's half of a model: L_level, resident on one device. One thread at a time. */
public final class LowLevel implements AutoCloseable {
  private final HrmConfig c;
  private final Kernels k;
  private final Resident resident;
  private final Level level;
  private final Level.Buffers buffers;
  private final StatePool pool;

  LowLevel(HrmConfig c, Weights weights, Kernels k) {
    this.c = c;
    this.k = k;
    this.resident = new Resident(k, weights);
    this.level = new Level(c, "L_level", resident::get, Rope.table(k, c));
    this.buffers = level.buffers(k);
    this.pool = new StatePool(k, c.sequence(), c.hiddenSize());
  }

  /**
   * @param zL (B, S, D) after the last tick
   * @param residuals [tick][row]: Frobenius norm of z_L's change
   */
  public record Ticks(HiddenState zL, float[][] residuals) {}

  /**
   * L_cycles ticks: z_L = L_level(z_L, inputInjection) each. The arguments stay untouched.
   *
   * @param inputInjection z_H + inputs
   */
  public Ticks cycle(HiddenState zL, HiddenState inputInjection) {
    return ticks(zL, inputInjection, c.lCycles());
  }

  /** The first ticks of a cycle, at least one; as {@link #cycle}. */
  public Ticks ticks(HiddenState zL, HiddenState inputInjection, int count) {
    int batch = zL.batch();
    int n = batch * c.sequence() * c.hiddenSize();
    float[][] residuals = new float[count][batch];
    HiddenState z = zL;
    for (int tick = 0; tick < count; tick++) {
      HiddenState next = pool.take(batch);
      level.step(buffers, z.block(), inputInjection.block(), next.block(), batch);
      k.distances(next.block(), z.block(), residuals[tick], batch, n / batch);
      if (z != zL) {
        z.close();
      }
      z = next;
    }
    return new Ticks(z, residuals);
  }

  /**
   * The state itself, or a copy on this device of one that is packed.
   *
   * @throws IllegalArgumentException for a state of another model's shape
   */
  public HiddenState resident(HiddenState state) {
    return pool.resident(state);
  }

  @Override
  public void close() {
    resident.close();
    k.close();
  }
}
