package hrm.cluster.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Waiting for what other threads and processes bring about; a failure, with words, if they fail.
 */
public final class Eventually {
  private static final Duration LONGEST = Duration.ofSeconds(50);
  private static final Duration PAUSE = Duration.ofMillis(5);

  private Eventually() {}

  /** What is waited for. */
  public interface Condition {
    boolean holds() throws Exception;
  }

  /**
   * @param otherwise what it says when that does not come
   */
  public static void holds(Condition condition, Supplier<String> otherwise) throws Exception {
    holds(condition, LONGEST, otherwise);
  }

  /** As {@link #holds(Condition, Supplier)}, for what may take longer. */
  public static void holds(Condition condition, Duration longest, Supplier<String> otherwise)
      throws Exception {
    long deadline = System.nanoTime() + longest.toNanos();
    while (!condition.holds()) {
      assertTrue(System.nanoTime() - deadline < 0, otherwise);
      LockSupport.parkNanos(PAUSE.toNanos()); // the core is wanted by what is waited for
    }
  }
}
