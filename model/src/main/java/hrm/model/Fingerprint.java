package hrm.model;

/**
 * Of one row of a state: enough to see how large it is, and whether two are the same bits.
 *
 * @param norm Frobenius
 * @param hash sum over i of bits(i) x {@link #MULTIPLIER}^(n-1-i) modulo 2^64, where bits(i) are
 *     the 32 bits of float i as an unsigned number: a polynomial, so that a device may take it in
 *     parts
 */
public record Fingerprint(float norm, long hash) {
  /** Of Knuth's MMIX generator; its powers repeat only after 2^62. */
  public static final long MULTIPLIER = 6364136223846793005L;

  private static final long STRIDE = MULTIPLIER * MULTIPLIER * MULTIPLIER * MULTIPLIER;
  private static final long BITS = 0xffffffffL;

  /** Of the given rows of n floats, in their order, computed on the host. */
  public static Fingerprint[] of(Block x, int[] rows, int n) {
    Fingerprint[] of = new Fingerprint[rows.length];
    float[] row = new float[n];
    for (int i = 0; i < rows.length; i++) {
      x.read((long) rows[i] * n, row, 0, n);
      of[i] = of(row, n);
    }
    return of;
  }

  /** Of the first n values. */
  public static Fingerprint of(float[] row, int n) {
    // Four chains abreast: alone, each multiplication and addition would wait for the one before.
    long a = 0;
    long b = 0;
    long c = 0;
    long d = 0;
    double as = 0;
    double bs = 0;
    double cs = 0;
    double ds = 0;
    int whole = n - n % 4;
    for (int i = 0; i < whole; i += 4) {
      float p = row[i];
      float q = row[i + 1];
      float r = row[i + 2];
      float s = row[i + 3];
      a = a * STRIDE + (Float.floatToRawIntBits(p) & BITS);
      b = b * STRIDE + (Float.floatToRawIntBits(q) & BITS);
      c = c * STRIDE + (Float.floatToRawIntBits(r) & BITS);
      d = d * STRIDE + (Float.floatToRawIntBits(s) & BITS);
      as += (double) p * p;
      bs += (double) q * q;
      cs += (double) r * r;
      ds += (double) s * s;
    }
    long hash = ((a * MULTIPLIER + b) * MULTIPLIER + c) * MULTIPLIER + d;
    double squares = as + bs + cs + ds;
    for (int i = whole; i < n; i++) {
      hash = hash * MULTIPLIER + (Float.floatToRawIntBits(row[i]) & BITS);
      squares += (double) row[i] * row[i];
    }
    return new Fingerprint((float) Math.sqrt(squares), hash);
  }
}
