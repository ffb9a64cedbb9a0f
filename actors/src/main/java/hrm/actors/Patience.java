package hrm.actors;

import java.time.Duration;

/**
 * How long an answer from another node may take before the same is asked of another worker: four
 * times the slowest of the last answers, row by row, so that a node that died silently costs little
 * and a busy one is not asked twice. At most so long; but never less than twice the slowest, or
 * what takes longer than that would always be done twice.
 */
final class Patience {
  private static final int REMEMBERED = 16;
  private static final int TIMES = 4;
  static final Duration LEAST = Duration.ofMillis(500);

  private final Duration most;
  private final long[] nanosPerRow = new long[REMEMBERED];
  private int answers = 0;

  /**
   * @param most and what holds before the first answer
   */
  Patience(Duration most) {
    this.most = most;
  }

  void took(Duration time, int rows) {
    nanosPerRow[answers++ % REMEMBERED] = time.toNanos() / rows;
  }

  /** For a batch of so many rows: a lane that fills up is slower than it was. */
  Duration now(int rows) {
    if (answers == 0) {
      return most;
    }
    long slowest = 0;
    for (long time : nanosPerRow) {
      slowest = Math.max(slowest, time);
    }
    Duration expected = Duration.ofNanos(slowest).multipliedBy(rows);
    Duration bound = later(most, expected.multipliedBy(2));
    Duration patience = later(LEAST, expected.multipliedBy(TIMES));
    return patience.compareTo(bound) > 0 ? bound : patience;
  }

  private static Duration later(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? other : one;
  }
}
