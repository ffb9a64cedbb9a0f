package hrm.model;

/** The worker's half of a model: L_level, resident on one device. One thread at a time. */
public final class LowLevel implements AutoCloseable {
  private final HrmConfig c;
  private final Kernels k;
  private final Resident resident;
  private final Level level;
  private final Level.Buffers buffers;
  private final StatePool pool;
  private Block injection = null;

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

  /** L_cycles ticks: z_L = L_level(z_L, z_H + inputs) each. The arguments stay untouched. */
  public Ticks cycle(HiddenState zL, HiddenState zH, HiddenState inputs) {
    int batch = zL.batch();
    int n = batch * c.sequence() * c.hiddenSize();
    if (injection == null || injection.length() < n) {
      injection = k.allocate(n);
    }
    k.add(zH.block(), inputs.block(), injection, n);
    float[][] residuals = new float[c.lCycles()][batch];
    HiddenState z = zL;
    for (int tick = 0; tick < c.lCycles(); tick++) {
      HiddenState next = pool.take(batch);
      level.step(buffers, z.block(), injection, next.block(), batch);
      k.distances(next.block(), z.block(), residuals[tick], batch, n / batch);
      if (z != zL) {
        z.close();
      }
      z = next;
    }
    return new Ticks(z, residuals);
  }

  @Override
  public void close() {
    resident.close();
    k.close();
  }
}
