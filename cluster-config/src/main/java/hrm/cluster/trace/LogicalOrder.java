package hrm.cluster.trace;

import hrm.proto.TraceEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The order of an attempt's events: by hand, sequence and node, never by clock. Two planners of one
 * attempt may use the same numbers. An event of the dispatcher's own, hand 0, stands with the
 * planner at the other end of its message.
 */
final class LogicalOrder {
  private static final Comparator<TraceEvent> BY_SEQUENCE =
      Comparator.comparingInt(TraceEvent::getSequence).thenComparing(TraceEvent::getNode);

  private LogicalOrder() {}

  static List<TraceEvent> of(Collection<TraceEvent> events) {
    List<TraceEvent> sorted = new ArrayList<>(events);
    sorted.sort(BY_SEQUENCE);
    Map<String, Integer> handOfMessage = new HashMap<>();
    for (TraceEvent event : sorted) {
      if (event.hasMessage() && event.getHand() > 0) {
        handOfMessage.putIfAbsent(event.getMessage().getId(), event.getHand());
      }
    }
    Map<TraceEvent, Integer> hands = new HashMap<>();
    int latest = 0;
    for (TraceEvent event : sorted) {
      int hand = event.getHand();
      if (hand <= 0) {
        hand = handOfMessage.getOrDefault(event.getMessage().getId(), latest);
        latest = hand;
      }
      hands.put(event, hand);
    }
    sorted.sort(Comparator.<TraceEvent>comparingInt(hands::get).thenComparing(BY_SEQUENCE));
    return List.copyOf(sorted);
  }
}
