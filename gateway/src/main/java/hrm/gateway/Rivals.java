package hrm.gateway;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

/**
 * Whether another process writes under this node's transactional id (KIP-98): each fences the other
 * whenever it begins anew. A broker that ends a transaction for its age says the same, but not more
 * often than transactions time out.
 */
final class Rivals {
  private static final int FENCED = 5;
  private static final int TIMEOUTS = 3;

  private final long windowNanos;
  private final LongSupplier clock;
  private final Deque<Long> times = new ArrayDeque<>();

  /**
   * @param clock nanoseconds, from any origin
   */
  Rivals(Duration transactionTimeout, LongSupplier clock) {
    windowNanos = transactionTimeout.multipliedBy(TIMEOUTS).toNanos();
    this.clock = clock;
  }

  /** This node has been fenced; whether so often that there must be another of its name. */
  boolean fenced() {
    long now = clock.getAsLong();
    times.add(now);
    while (now - times.peek() > windowNanos) {
      times.remove();
    }
    return times.size() >= FENCED;
  }
}
