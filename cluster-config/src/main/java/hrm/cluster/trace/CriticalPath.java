package hrm.cluster.trace;

import hrm.proto.Message;
import hrm.proto.TraceEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The chain of events of which each caused the next, up to the attempt's end. */
final class CriticalPath {
  private final Map<Integer, List<TraceEvent>> bySequence = new HashMap<>();
  private final Map<String, TraceEvent> sent = new HashMap<>();
  private final Map<TraceEvent, Integer> position = new HashMap<>();
  private final List<TraceEvent> events;

  private CriticalPath(List<TraceEvent> events) {
    this.events = events;
    for (TraceEvent event : events) {
      position.put(event, position.size());
      bySequence.computeIfAbsent(event.getSequence(), s -> new ArrayList<>(1)).add(event);
      if (isSent(event)) {
        sent.putIfAbsent(event.getMessage().getId(), event);
      }
    }
  }

  /** Its events; where a cause is missing, the chain goes on with the last event before it. */
  static Set<TraceEvent> of(Attempt attempt) {
    CriticalPath path = new CriticalPath(attempt.events());
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
    if (event.hasMessage() && !isSent(event)) {
      TraceEvent sending = sent.get(event.getMessage().getId());
      if (sending != null && sending.getSequence() < event.getSequence()) {
        return Optional.of(sending);
      }
    }
    if (!event.hasCause()) {
      return Optional.empty();
    }
    List<TraceEvent> named =
        bySequence.getOrDefault(event.getCause(), List.of()).stream()
            .filter(e -> e.getSequence() < event.getSequence())
            .filter(e -> e.getHand() == event.getHand() || e.getHand() == 0 || event.getHand() == 0)
            .toList();
    return named.stream()
        .filter(e -> e.getNode().equals(event.getNode()))
        .findFirst()
        .or(() -> named.stream().findFirst())
        .or(() -> before(event));
  }

  /** The one that stands before it in the attempt. */
  private Optional<TraceEvent> before(TraceEvent event) {
    int at = position.get(event);
    return at == 0 ? Optional.empty() : Optional.of(events.get(at - 1));
  }

  private static boolean isSent(TraceEvent event) {
    return event.hasMessage() && event.getMessage().getStep() != Message.Step.RECEIVED;
  }
}
