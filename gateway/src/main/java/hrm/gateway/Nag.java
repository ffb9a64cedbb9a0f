package hrm.gateway;

import org.slf4j.Logger;

/** A warning that is repeated at most every five seconds, however often its cause is. */
final class Nag {
  private static final long PERIOD_NANOS = 5_000_000_000L;

  private final Logger log;
  private long last = System.nanoTime() - PERIOD_NANOS;

  Nag(Logger log) {
    this.log = log;
  }

  synchronized void warn(String format, Object... arguments) {
    long now = System.nanoTime();
    if (now - last >= PERIOD_NANOS) {
      last = now;
      log.warn(format, arguments);
    }
  }

  /** What an exception says, in one line without its stack. */
  static String line(Throwable e) {
    String message = e.getMessage() == null ? "" : ": " + e.getMessage();
    String cause = e.getCause() == null || e.getCause() == e ? "" : " (" + line(e.getCause()) + ")";
    return (e.getClass().getSimpleName() + message + cause).replace('\n', ' ');
  }
}
