package hrm.cluster.cli;

import java.time.Duration;

/** What a setting may be: another value is refused as {@code KEY = VALUE: must be RANGE}. */
public final class Allowed {
  private Allowed() {}

  /**
   * @param key with what else sets it: {@code hrm.http.port (HRM_HTTP_PORT)}
   * @throws IllegalArgumentException unless the value is in the range, ends included
   */
  public static <T extends Comparable<T>> void between(String key, T value, T least, T most) {
    require(
        value.compareTo(least) >= 0 && value.compareTo(most) <= 0,
        key,
        value,
        "from %s to %s".formatted(text(least), text(most)));
  }

  /**
   * @throws IllegalArgumentException unless it holds
   */
  public static void require(boolean holds, String key, Object value, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(
          "%s = %s: must be %s".formatted(key, text(value), allowed));
    }
  }

  /** As it is written in a file of settings: 90s, not PT1M30S. */
  private static String text(Object value) {
    if (!(value instanceof Duration duration)) {
      return value.toString();
    }
    if (duration.toNanosPart() % 1_000_000 != 0) {
      return duration.toNanos() + "ns";
    }
    long millis = duration.toMillis();
    if (millis % 1_000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1_000;
    if (seconds == 0 || seconds % 60 != 0) {
      return seconds + "s";
    }
    return seconds % 3_600 != 0 ? seconds / 60 + "m" : seconds / 3_600 + "h";
  }
}
