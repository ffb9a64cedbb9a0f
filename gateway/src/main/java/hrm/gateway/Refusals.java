package hrm.gateway;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Kinds of jobs for which the solver had no room a moment ago. None is tried again until their
 * pause is over, but one for each that ends: so jobs of a model that is slow, or has no planners,
 * are not in the way of those behind them.
 */
final class Refusals {
  private static final long PAUSE = Duration.ofMillis(200).toNanos();

  private static final class Pause {
    long until;
    int places; // of jobs that have ended since
  }

  private final Map<Entry.Kind, Pause> pauses = new HashMap<>();

  void refused(Entry.Kind kind, long now) {
    pauses.computeIfAbsent(kind, k -> new Pause()).until = now + PAUSE;
  }

  /** A run of that kind has ended. */
  void ended(Entry.Kind kind) {
    pauses.computeIfPresent(
        kind,
        (k, pause) -> {
          pause.places++;
          return pause;
        });
  }

  /** Whether there may be room for one of that kind. */
  boolean mayTry(Entry.Kind kind, long now) {
    Pause pause = pauses.get(kind);
    return pause == null || pause.places > 0 || now - pause.until >= 0;
  }

  /** One of that kind is tried. */
  void tried(Entry.Kind kind, long now) {
    Pause pause = pauses.get(kind);
    if (pause == null) {
      return;
    }
    if (now - pause.until >= 0) {
      pauses.remove(kind);
    } else {
      pause.places--;
    }
  }
}
