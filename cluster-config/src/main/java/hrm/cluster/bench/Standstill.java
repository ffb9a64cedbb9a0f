package hrm.cluster.bench;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * How long jobs stood still after a loss: the longest time between two cycles of one job, counted
 * from the loss. A job's first cycle after it may have been under way already, so each is followed
 * for a while.
 */
final class Standstill {
  private final Instant lost;
  private final Instant until;
  private final Map<String, Instant> last = new HashMap<>();
  private Duration longest = Duration.ZERO;

  /**
   * @param window for how long a job is followed at least
   */
  Standstill(Instant lost, Duration window) {
    this.lost = lost;
    this.until = lost.plus(window);
  }

  void follow(String job) {
    last.put(job, lost);
  }

  /** A cycle of a job has ended; of one that is not followed, or before the loss, it is nothing. */
  void cycle(String job, Instant at) {
    Instant before = last.get(job);
    if (before == null || !at.isAfter(before)) {
      return;
    }
    Duration still = Duration.between(before, at);
    longest = still.compareTo(longest) > 0 ? still : longest;
    last.put(job, at);
    if (at.isAfter(until)) {
      last.remove(job);
    }
  }

  /** The others are answered. */
  void retain(Set<String> running) {
    last.keySet().retainAll(running);
  }

  /** Jobs that are followed still. */
  Set<String> followed() {
    return Set.copyOf(last.keySet());
  }

  double seconds() {
    return longest.toNanos() / 1e9;
  }
}
