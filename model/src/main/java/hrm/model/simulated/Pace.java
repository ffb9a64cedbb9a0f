package hrm.model.simulated;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits that take a fixed time on average. A thread wakes up late on a busy machine; what it was
 * late by is taken off the next wait, at most one wait's length. Time between two waits always
 * counts in full.
 */
final class Pace {
  private final long length;
  private long late = 0;

  Pace(Duration length) {
    this.length = length.toNanos();
  }

  /** Returns when the wait is over; an interrupt does not end it. */
  void await() {
    if (length == 0) {
      return;
    }
    long end = System.nanoTime() - late + length;
    long left = end - System.nanoTime();
    boolean interrupted = false;
    while (left > 0) {
      LockSupport.parkNanos(this, left);
      interrupted |= Thread.interrupted();
      left = end - System.nanoTime();
    }
    late = Math.min(-left, length);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
