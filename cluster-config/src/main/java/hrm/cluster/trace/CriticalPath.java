package hrm.cluster.trace;

import hrm.proto.TraceEvent;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The chain of events of which each caused the next, up to the attempt's end. */
final class CriticalPath {
  private final Map<TraceEvent, Integer> position = new HashMap<>();
  private final List<TraceEvent> events;
  private final Causes causes;

  private CriticalPath(Attempt attempt) {
    events = attempt.events();
    causes = new Causes(attempt);
    events.forEach(event -> position.put(event, position.size()));
  }

  /** Its events; where a cause is missing, the chain goes on with the last event before it. */
  static Set<TraceEvent> of(Attempt attempt) {
    CriticalPath path = new CriticalPath(attempt);
    Set<TraceEvent> chain = new HashSet<>();
    Optional<TraceEvent> at = path.end(attempt);
    while (at.isPresent() && chain.add(at.get())) {
      at = path.cause(at.get());
    }
    return chain;
  }

  private Optional<TraceEvent> end(Attempt attempt) {
    return attempt
        .last(e -> e.hasMessage() && e.getMessage().getType().equals("Finished"))
        .or(() -> attempt.last(TraceEvent::hasHalted))
        .or(() -> attempt.last(e -> !e.hasMessage() || !e.getMessage().getLate()));
  }

  private Optional<TraceEvent> cause(TraceEvent event) {
    Optional<TraceEvent> cause = causes.of(event);
    return cause.isEmpty() && event.hasCause() ? before(event) : cause;
  }

  /** The one that stands before it in the attempt. */
  private Optional<TraceEvent> before(TraceEvent event) {
    int at = position.get(event);
    return at == 0 ? Optional.empty() : Optional.of(events.get(at - 1));
  }
}
