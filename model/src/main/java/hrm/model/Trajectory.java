package hrm.model;

/**
 * One puzzle thought again from its beginning, up to any tick: what planner and workers held in
 * between. The states are the same as theirs, bit for bit, on the same backend.
 */
public final class Trajectory {
  /** Which state is wanted. */
  public enum State {
    Z_H,
    Z_L,
    /** z_H + inputs, which every tick of the cycle is given. */
    INPUT_INJECTION
  }

  /**
   * A place in the thinking; segments and cycles are counted from 1.
   *
   * @param tick after that tick, before the H step; 0 for before the first; {@link #AFTER_STEP}
   */
  public record Place(int segment, int cycle, int tick) {
    /** After the cycle's H step. */
    public static final int AFTER_STEP = -1;
  }

  private Trajectory() {}

  /**
   * A hidden state (S, D), row-major.
   *
   * @param inputs tokens (seq_len)
   * @throws IllegalArgumentException when the place is outside the model's cycles and ticks
   */
  public static float[] state(
      Model model, int[] inputs, int identifier, Place place, State state, Backend backend) {
    HrmConfig c = model.config();
    check("segment", place.segment(), 1, Integer.MAX_VALUE / c.hCycles());
    check("cycle", place.cycle(), 1, c.hCycles());
    boolean step = place.tick() == Place.AFTER_STEP;
    int ticks = step ? c.lCycles() : place.tick();
    check("tick", ticks, 0, c.lCycles());
    try (HighLevel high = model.highLevel(backend);
        LowLevel low = model.lowLevel(backend);
        HiddenState embedded = high.embed(new int[][] {inputs}, new int[] {identifier})) {
      Carry carry = high.seat(null, new int[] {-1});
      int before = (place.segment() - 1) * c.hCycles() + place.cycle() - 1;
      for (int cycle = 0; cycle < before; cycle++) {
        carry = cycle(high, low, carry, embedded, c.lCycles(), true);
      }
      float[] values = new float[c.sequence() * c.hiddenSize()];
      if (state == State.INPUT_INJECTION) {
        try (HiddenState injection = high.inputInjection(carry.zH(), embedded)) {
          injection.read(values);
        }
      } else {
        carry = ticks == 0 ? carry : cycle(high, low, carry, embedded, ticks, step);
        (state == State.Z_H ? carry.zH() : carry.zL()).read(values);
      }
      carry.close();
      return values;
    }
  }

  private static Carry cycle(
      HighLevel high, LowLevel low, Carry carry, HiddenState inputs, int ticks, boolean step) {
    HiddenState zL;
    try (HiddenState injection = high.inputInjection(carry.zH(), inputs)) {
      zL = low.ticks(carry.zL(), injection, ticks).zL();
    }
    carry.zL().close();
    if (!step) {
      return new Carry(carry.zH(), zL);
    }
    HiddenState zH = high.step(carry.zH(), zL);
    carry.zH().close();
    return new Carry(zH, zL);
  }

  private static void check(String name, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          "%s %d: must be from %d to %d".formatted(name, value, least, most));
    }
  }
}
