package hrm.cluster.trace;

import hrm.proto.Message;
import hrm.proto.TraceEvent;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which event each of an attempt's events followed from. */
final class Causes {
  private final Map<Integer, List<TraceEvent>> bySequence = new HashMap<>();
  private final Map<String, TraceEvent> sent = new HashMap<>();
  private final Attempt attempt;

  Causes(Attempt attempt) {
    this.attempt = attempt;
    for (TraceEvent event : attempt.events()) {
      bySequence.computeIfAbsent(event.getSequence(), s -> new ArrayList<>(1)).add(event);
      if (isSent(event)) {
        sent.putIfAbsent(event.getMessage().getId(), event);
      }
    }
  }

  /** Of an arrival its sending, of others the one that it names; empty where that is missing. */
  Optional<TraceEvent> of(TraceEvent event) {
    if (event.hasMessage() && !isSent(event)) {
      TraceEvent sending = sent.get(event.getMessage().getId());
      if (sending != null && sending.getSequence() < event.getSequence()) {
        return Optional.of(sending);
      }
    }
    if (!event.hasCause() || event.getCause() >= event.getSequence()) {
      return Optional.empty();
    }
    return bySequence.getOrDefault(event.getCause(), List.of()).stream()
        .filter(cause -> mayKnow(cause, event))
        .min(
            Comparator.comparing((TraceEvent cause) -> cause.getHand() != event.getHand())
                .thenComparing(cause -> !cause.getNode().equals(event.getNode())));
  }

  /** Two planners may use the same numbers, and know nothing of each other's. */
  private boolean mayKnow(TraceEvent cause, TraceEvent event) {
    return attempt.hand(cause) == attempt.hand(event)
        || cause.getHand() <= 0 && event.getHand() <= 0;
  }

  private static boolean isSent(TraceEvent event) {
    return event.hasMessage() && event.getMessage().getStep() != Message.Step.RECEIVED;
  }
}
