package hrm.cluster.trace;

import hrm.proto.TraceEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Where each event of an attempt stands in its logical order, from 0; a gap takes a place, too.
 * Unlike sequence numbers these are unique over all planners.
 */
public final class Places {
  private final Map<TraceEvent, Integer> events = new HashMap<>();
  private final Map<Gap, Integer> gaps = new HashMap<>();
  private final Attempt attempt;
  private final Causes causes;

  Places(Attempt attempt, List<Gap> gaps) {
    this.attempt = attempt;
    causes = new Causes(attempt);
    Deque<Gap> ahead = new ArrayDeque<>(gaps);
    int next = 0;
    for (TraceEvent event : attempt.events()) {
      while (!ahead.isEmpty() && isBefore(ahead.peekFirst(), event)) {
        this.gaps.put(ahead.pollFirst(), next++);
      }
      events.put(event, next++);
    }
  }

  private boolean isBefore(Gap gap, TraceEvent event) {
    int hand = attempt.hand(event);
    return gap.hand() < hand || gap.hand() == hand && gap.to() < event.getSequence();
  }

  int of(TraceEvent event) {
    return events.get(event);
  }

  int of(Gap gap) {
    return gaps.getOrDefault(gap, events.size() + gaps.size());
  }

  /** Of its sending; of the gap that holds it; of its arrival where nothing else is known. */
  int of(MessageView message) {
    TraceEvent event = message.event();
    return message.sent().isPresent()
        ? of(event)
        : gap(attempt.hand(event), message.sequence()).orElse(of(event));
  }

  /** Of the event, or the gap, that its sending followed from. */
  OptionalInt cause(MessageView message) {
    if (message.cause().isEmpty()) {
      return OptionalInt.empty();
    }
    TraceEvent sent = message.event();
    return causes
        .of(sent)
        .map(cause -> OptionalInt.of(of(cause)))
        .orElseGet(() -> gap(attempt.hand(sent), sent.getCause()));
  }

  private OptionalInt gap(int hand, int sequence) {
    return gaps.entrySet().stream()
        .filter(gap -> gap.getKey().holds(hand, sequence))
        .mapToInt(Map.Entry::getValue)
        .findFirst();
  }
}
