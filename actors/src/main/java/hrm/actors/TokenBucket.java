package hrm.actors;

import java.util.concurrent.atomic.AtomicLong;

/**
 * At most so many a second, and a second's worth at once. Never waits. As in the generic cell rate
 * algorithm, all that is kept is the time at which the bucket will be full again.
 */
final class TokenBucket {
  private static final long SECOND = 1_000_000_000;

  private final long interval; // nanoseconds a token
  private final AtomicLong fullAt;

  /**
   * @param perSecond from 1 to 10^9
   * @param now {@link System#nanoTime}
   */
  TokenBucket(int perSecond, long now) {
    this.interval = SECOND / perSecond;
    this.fullAt = new AtomicLong(now);
  }

  /** Whether there was one. */
  boolean take(long now) {
    while (true) {
      long full = fullAt.get();
      long next = (full - now > 0 ? full : now) + interval;
      if (next - now > SECOND) {
        return false;
      }
      if (fullAt.compareAndSet(full, next)) {
        return true;
      }
    }
  }

  /** Takes one in any case: what comes after has to wait for it. */
  void overdraw(long now) {
    fullAt.updateAndGet(full -> (full - now > 0 ? full : now) + interval);
  }
}
