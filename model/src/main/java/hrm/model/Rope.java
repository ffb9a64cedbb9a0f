package hrm.model;

/** Rotary position tables: angle theta^(-2i/d) per position, written twice ([f, f]). */
final class Rope {
  private Rope() {}

  /** cosines (S, d), then sines (S, d); null for models without rotary positions. */
  static Block table(Kernels k, HrmConfig c) {
    if (c.positions() != HrmConfig.Positions.ROPE) {
      return null;
    }
    int s = c.sequence();
    int d = c.headDim();
    float[] table = new float[2 * s * d];
    for (int p = 0; p < s; p++) {
      for (int i = 0; i < d; i++) {
        float inverse = (float) (1 / Math.pow(c.ropeTheta(), 2.0 * (i % (d / 2)) / d));
        float angle = p * inverse;
        table[p * d + i] = (float) Math.cos(angle);
        table[s * d + p * d + i] = (float) Math.sin(angle);
      }
    }
    Block block = k.allocate(table.length);
    block.write(0, table, 0, table.length);
    return block;
  }
}
