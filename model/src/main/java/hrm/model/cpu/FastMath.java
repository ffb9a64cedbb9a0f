package hrm.model.cpu;

/** Transcendentals in loops that the JIT compiler turns into vector instructions. */
final class FastMath {
  private static final float LOG2E = 1.44269504f;
  private static final float LN2_HIGH = 0.693359375f;
  private static final float LN2_LOW = -2.12194440e-4f;
  private static final float ROUND = 12582912f; // 1.5 * 2^23: adding it rounds to an integer
  private static final int ONE = 0x3F800000; // bits of 1f
  private static final float TANH_LIMIT = 7.90531110763549805f; // tanh is 1 beyond, in float

  private FastMath() {}

  /** Longest run that {@link #sigmoids} takes at once: three such arrays stay in the L1 cache. */
  static final int RUN = 512;

  /**
   * out[i] = sigmoid(x[from + i]) for n <= RUN, as (1 + tanh(x/2)) / 2 by a rational minimax
   * polynomial of tanh, within 4e-7. Split into short loops because C2 unrolls, and so vectorises,
   * only loops with small bodies: three times faster than one loop.
   */
  static void sigmoids(float[] x, int from, float[] out, float[] h, int n) {
    for (int i = 0; i < n; i++) {
      h[i] = Math.max(-TANH_LIMIT, Math.min(TANH_LIMIT, 0.5f * x[from + i]));
    }
    for (int i = 0; i < n; i++) {
      float s = h[i] * h[i];
      out[i] =
          ((-2.76076847742355e-16f * s + 2.00018790482477e-13f) * s - 8.60467152213735e-11f) * s
              + 5.12229709037114e-08f;
    }
    for (int i = 0; i < n; i++) {
      float s = h[i] * h[i];
      out[i] =
          (((out[i] * s + 1.48572235717979e-05f) * s + 6.37261928875436e-04f) * s
                  + 4.89352455891786e-03f)
              * h[i];
    }
    for (int i = 0; i < n; i++) {
      float s = h[i] * h[i];
      out[i] =
          0.5f
              + 0.5f
                  * (out[i]
                      / (((1.19825839466702e-06f * s + 1.18534705686654e-04f) * s
                                  + 2.26843463243900e-03f)
                              * s
                          + 4.89352518554385e-03f));
    }
  }

  /**
   * x[from + i] = e^(x[from + i] - max) for values <= max, within 4e-7 of itself (Cephes' expf); 0
   * in effect below -87. k and p are scratch of n floats.
   */
  static void exps(float[] x, int from, float max, float[] k, float[] p, int n) {
    for (int i = 0; i < n; i++) {
      x[from + i] = Math.max(-87f, x[from + i] - max);
    }
    for (int i = 0; i < n; i++) {
      k[i] = x[from + i] * LOG2E + ROUND;
    }
    for (int i = 0; i < n; i++) {
      float whole = k[i] - ROUND;
      x[from + i] = x[from + i] - whole * LN2_HIGH - whole * LN2_LOW;
    }
    for (int i = 0; i < n; i++) {
      float r = x[from + i];
      p[i] =
          ((1.9875691500e-4f * r + 1.3981999507e-3f) * r + 8.3334519073e-3f) * r + 4.1665795894e-2f;
    }
    for (int i = 0; i < n; i++) {
      float r = x[from + i];
      p[i] = ((p[i] * r + 1.6666665459e-1f) * r + 5.0000001201e-1f) * r * r + r + 1f;
    }
    for (int i = 0; i < n; i++) {
      // The low bits of k hold the integer; shifted into the exponent they are 2^integer.
      x[from + i] = p[i] * Float.intBitsToFloat((Float.floatToRawIntBits(k[i]) << 23) + ONE);
    }
  }

  /**
   * x[i] = atan2(y[i], x[i]) for x >= 0, within 2e-7: twice the arc tangent of y / (x + |(x, y)|),
   * which needs no cases (magnitudes below 1e19); Abramowitz and Stegun 4.4.49. 0 where both are 0,
   * a right angle where only x is, as AdamATan2 needs. h is scratch of n floats.
   */
  static void atan2(float[] y, float[] x, float[] h, int n) {
    for (int i = 0; i < n; i++) {
      h[i] = x[i] * x[i] + y[i] * y[i];
    }
    for (int i = 0; i < n; i++) {
      h[i] = Math.max((float) Math.sqrt(h[i]), Math.abs(y[i])); // squares may have underflowed
    }
    for (int i = 0; i < n; i++) {
      h[i] = y[i] / Math.max(x[i] + h[i], Float.MIN_NORMAL);
    }
    for (int i = 0; i < n; i++) {
      float s = h[i] * h[i];
      x[i] =
          (((0.0028662257f * s - 0.0161657367f) * s + 0.0429096138f) * s - 0.0752896400f) * s
              + 0.1065626393f;
    }
    for (int i = 0; i < n; i++) {
      float s = h[i] * h[i];
      x[i] = ((x[i] * s - 0.1420889944f) * s + 0.1999355085f) * s - 0.3333314528f;
    }
    for (int i = 0; i < n; i++) {
      float s = h[i] * h[i];
      x[i] = 2 * h[i] * (x[i] * s + 1f);
    }
  }

  /** Sum of squares in eight lanes, so that the adds overlap. */
  static float sumOfSquares(float[] x, int from, int n) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    float s4 = 0;
    float s5 = 0;
    float s6 = 0;
    float s7 = 0;
    int i = from;
    int end = from + n;
    for (; i + 8 <= end; i += 8) {
      s0 += x[i] * x[i];
      s1 += x[i + 1] * x[i + 1];
      s2 += x[i + 2] * x[i + 2];
      s3 += x[i + 3] * x[i + 3];
      s4 += x[i + 4] * x[i + 4];
      s5 += x[i + 5] * x[i + 5];
      s6 += x[i + 6] * x[i + 6];
      s7 += x[i + 7] * x[i + 7];
    }
    for (; i < end; i++) {
      s0 += x[i] * x[i];
    }
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
  }

  /** Dot product in four lanes. */
  static float dot(float[] x, float[] y, int from, int n) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = from;
    int end = from + n;
    for (; i + 4 <= end; i += 4) {
      s0 += x[i] * y[i];
      s1 += x[i + 1] * y[i + 1];
      s2 += x[i + 2] * y[i + 2];
      s3 += x[i + 3] * y[i + 3];
    }
    for (; i < end; i++) {
      s0 += x[i] * y[i];
    }
    return (s0 + s1) + (s2 + s3);
  }

  /** Largest of the first n. */
  static float max(float[] x, int n) {
    float m0 = x[0];
    float m1 = x[0];
    float m2 = x[0];
    float m3 = x[0];
    int i = 0;
    for (; i + 4 <= n; i += 4) {
      m0 = x[i] > m0 ? x[i] : m0;
      m1 = x[i + 1] > m1 ? x[i + 1] : m1;
      m2 = x[i + 2] > m2 ? x[i + 2] : m2;
      m3 = x[i + 3] > m3 ? x[i + 3] : m3;
    }
    for (; i < n; i++) {
      m0 = x[i] > m0 ? x[i] : m0;
    }
    return Math.max(Math.max(m0, m1), Math.max(m2, m3));
  }

  /** Sum of the first n, in four lanes. */
  static float sum(float[] x, int n) {
    float s0 = 0;
    float s1 = 0;
    float s2 = 0;
    float s3 = 0;
    int i = 0;
    for (; i + 4 <= n; i += 4) {
      s0 += x[i];
      s1 += x[i + 1];
      s2 += x[i + 2];
      s3 += x[i + 3];
    }
    for (; i < n; i++) {
      s0 += x[i];
    }
    return (s0 + s1) + (s2 + s3);
  }
}
