package hrm.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The worker's half of a model: L_level, resident on one device. One thread at a time. */
public final class LowLevel implements AutoCloseable {
  private final HrmConfig c;
  private final Kernels k;
  private final Resident resident;
  private final Level level;
  private final Level.Buffers buffers;
  private final StatePool pool;
  private final Motions motions; // (ticks, B) each

  /** Closes the kernels in the end, and where there is no room for the weights. */
  LowLevel(HrmConfig c, Weights weights, Kernels k) {
    this.c = c;
    this.k = k;
    this.resident = new Resident(k, weights);
    try {
      this.level = new Level(c, "L_level", resident::get, Rope.table(k, c));
    } catch (RuntimeException e) {
      resident.close();
      k.close();
      throw e;
    }
    this.buffers = level.buffers(k);
    this.motions = new Motions(k, c.hCycles());
    this.pool = new StatePool(k, c.sequence(), c.hiddenSize(), buffers);
  }

  /** What a cycle's ticks came to. */
  public final class Ticks {
    private final HiddenState zL;
    private final Motions.Motion motion;
    private float[][] residuals; // null: not asked for

    private Ticks(HiddenState zL, Motions.Motion motion) {
      this.zL = zL;
      this.motion = motion;
    }

    /** (B, S, D) after the last tick. */
    public HiddenState zL() {
      return zL;
    }

    /**
     * [tick][row]: Frobenius norm of z_L's change. The first call waits until the device has
     * computed them, unless {@link HighLevel#heads} has brought them. Places for as many cycles as
     * a segment has are used by turns.
     *
     * @throws IllegalStateException when so many more cycles have begun
     */
    public float[][] residuals() {
      if (residuals == null) {
        float[] flat = motion.values();
        int batch = zL.batch();
        residuals = new float[flat.length / batch][];
        for (int tick = 0; tick < residuals.length; tick++) {
          residuals[tick] = Arrays.copyOfRange(flat, tick * batch, (tick + 1) * batch);
        }
      }
      return residuals;
    }

    Motions.Motion motion() {
      return motion;
    }
  }

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
    Motions.Motion motion = buffers.makingRoom(() -> motions.begin(count * batch));
    int at = motion.at();
    Block injection = inputInjection.block();
    Block[] reads = {zL.block(), injection};
    Block[] writes = {null, null, null, motion.block()};
    List<HiddenState> states = new ArrayList<>(); // the last tick's, then those before by turns
    try {
      for (int i = 0; i < Math.min(count, 3); i++) {
        states.add(pool.take(batch));
        writes[i] = states.get(i).block();
      }
      k.replay(
          "L ticks " + count + ", place " + motion.place,
          batch,
          reads,
          writes,
          () -> ticks(zL.block(), injection, writes, at, count, batch));
      return new Ticks(states.remove(0), motion);
    } catch (RuntimeException e) {
      motions.drop(motion);
      throw e;
    } finally {
      states.forEach(HiddenState::close);
    }
  }

  /** The last tick writes to blocks[0], those before it by turns to blocks[1] and blocks[2]. */
  private void ticks(Block zL, Block injection, Block[] blocks, int at, int count, int batch) {
    Block z = zL;
    for (int tick = 0; tick < count; tick++) {
      Block next = tick == count - 1 ? blocks[0] : blocks[1 + tick % 2];
      level.step(buffers, z, injection, next, blocks[3], at + tick * batch, batch);
      z = next;
    }
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
    motions.close();
    pool.close();
    buffers.close();
    resident.close();
    k.close();
  }
}
