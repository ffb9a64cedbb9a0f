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

  private static final long BITS = 0xffffffffL;

  /** Of the first n values. */
  public static Fingerprint of(float[] row, int n) {
    // Four chains abreast: alone, each multiplication and addition would wait for the one before.
    long stride = power(4);
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
      a = a * stride + (Float.floatToRawIntBits(p) & BITS);
      b = b * stride + (Float.floatToRawIntBits(q) & BITS);
      c = c * stride + (Float.floatToRawIntBits(r) & BITS);
      d = d * stride + (Float.floatToRawIntBits(s) & BITS);
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

  /** MULTIPLIER^exponent modulo 2^64. */
  public static long power(int exponent) {
    long power = 1;
    long square = MULTIPLIER;
    for (int left = exponent; left > 0; left >>>= 1) {
      power = (left & 1) == 0 ? power : power * square;
      square *= square;
    }
    return power;
  }
}
