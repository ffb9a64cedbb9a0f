package hrm.model;

/**
 * Seeds of random streams by what they are for. Numbers that lie near each other would give {@link
 * java.util.SplittableRandom} streams that are each other's, moved by some draws.
 */
public final class Seeds {
  private Seeds() {}

  /** A seed of these numbers in this order, each of which changes about half of its bits. */
  public static long of(long... numbers) {
    long seed = numbers.length;
    for (long number : numbers) {
      seed = mix(seed + mix(number));
    }
    return seed;
  }

  /** MurmurHash3's finaliser, with an odd constant so that 0 is not kept. */
  private static long mix(long x) {
    long z = x ^ 0x2545F4914F6CDD1DL;
    z = (z ^ (z >>> 33)) * 0xFF51AFD7ED558CCDL;
    z = (z ^ (z >>> 33)) * 0xC4CEB9FE1A85EC53L;
    return z ^ (z >>> 33);
  }
}
