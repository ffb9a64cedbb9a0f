package hrm.model;

import java.util.Arrays;

/**
 * How far the last steps of one half of a model moved each row: numbers that the device leaves in
 * one of a few places by turns, so that they can be read later, all with something else.
 */
final class Motions implements AutoCloseable {
  private final Kernels k;
  private final Motion[] held; // by place
  private Block block; // (places, each)
  private int each;
  private int next;

  Motions(Kernels k, int places) {
    this.k = k;
    this.held = new Motion[places];
  }

  /** What one step, or some in a row, leave at a place. */
  final class Motion {
    final int place;
    private final int n;
    private float[] values; // null: not read

    private Motion(int place, int n) {
      this.place = place;
      this.n = n;
    }

    Block block() {
      return block;
    }

    /** Where its floats begin in the block. */
    int at() {
      return place * each;
    }

    /** Those of its half. */
    Motions all() {
      return Motions.this;
    }

    /** Whether its place is another's before it was read. */
    boolean isLost() {
      return values == null && held[place] != this;
    }

    /** Waits until the device has computed them, unless they have been read. */
    float[] values() {
      if (isLost()) {
        throw new IllegalStateException(
            "residuals are gone once %d more cycles have begun".formatted(held.length));
      }
      if (values == null) {
        float[] read = new float[n];
        block.read(at(), read, 0, n);
        values = read;
      }
      return values;
    }
  }

  /** A place for n floats, that of the oldest motion. */
  Motion begin(int n) {
    if (each < n) {
      close();
      block = k.allocate((long) held.length * n);
      each = n;
    }
    next = (next + 1) % held.length;
    held[next] = new Motion(next, n);
    return held[next];
  }

  /** Of a motion that has failed. */
  void drop(Motion motion) {
    held[motion.place] = null;
  }

  /** All places in one piece, for {@link #arrived}; null where there are none. */
  Reading reading() {
    int n = held.length * each;
    return block == null ? null : new Reading(block, 0, new float[n], n);
  }

  void arrived(Reading reading) {
    for (Motion motion : held) {
      if (motion != null && motion.values == null) {
        motion.values = Arrays.copyOfRange(reading.to(), motion.at(), motion.at() + motion.n);
      }
    }
  }

  @Override
  public void close() {
    Arrays.fill(held, null);
    each = 0;
    if (block != null) {
      block.close();
      block = null;
    }
  }
}
