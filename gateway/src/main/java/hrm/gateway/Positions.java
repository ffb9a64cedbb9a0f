package hrm.gateway;

import java.util.Arrays;

/** Ascending offsets in a few bytes each: differences, seven bits a byte, the lowest first. */
final class Positions {
  private static final byte[] NONE = {};

  private byte[] deltas = NONE;
  private int used = 0;
  private int size = 0;
  private long last = -1;

  /** Whether it was above the last one, and so is kept. */
  boolean add(long offset) {
    if (offset <= last) {
      return false;
    }
    if (used + 9 > deltas.length) {
      deltas = Arrays.copyOf(deltas, Math.max(16, used + used / 2 + 9));
    }
    long delta = offset - last;
    while (delta >= 0x80) {
      deltas[used++] = (byte) (delta | 0x80);
      delta >>>= 7;
    }
    deltas[used++] = (byte) delta;
    last = offset;
    size++;
    return true;
  }

  int size() {
    return size;
  }

  /** -1 for none. */
  long last() {
    return last;
  }

  /** Of heap, this object included. */
  int bytes() {
    return 64 + deltas.length;
  }

  long[] first(int max) {
    long[] offsets = new long[Math.min(max, size)];
    long offset = -1;
    int at = 0;
    for (int i = 0; i < offsets.length; i++) {
      long delta = 0;
      int shift = 0;
      byte b;
      do {
        b = deltas[at++];
        delta |= (long) (b & 0x7f) << shift;
        shift += 7;
      } while (b < 0);
      offset += delta;
      offsets[i] = offset;
    }
    return offsets;
  }
}
