package hrm.cluster.trace;

import hrm.proto.Message;
import hrm.proto.TraceEvent;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The order of an attempt's events: by hand, sequence and node, never by clock. Two planners of one
 * attempt may use the same numbers. An event of the dispatcher's own, hand 0, stands with the
 * planner at the other end of its message; where that end is missing, an Admit stands with the
 * planner whose events begin behind it.
 *
 * @param hands with which each event stands
 */
record LogicalOrder(List<TraceEvent> events, Map<TraceEvent, Integer> hands) {
  private static final Comparator<TraceEvent> BY_SEQUENCE =
      Comparator.comparingInt(TraceEvent::getSequence).thenComparing(TraceEvent::getNode);

  static LogicalOrder of(Collection<TraceEvent> events) {
    List<TraceEvent> sorted = new ArrayList<>(events);
    sorted.sort(BY_SEQUENCE);
    Map<String, Integer> handOfMessage = new HashMap<>();
    Map<Integer, Integer> begins = new TreeMap<>(); // lowest number of each hand
    for (TraceEvent event : sorted) {
      if (event.getHand() > 0) {
        begins.putIfAbsent(event.getHand(), event.getSequence());
        if (event.hasMessage()) {
          handOfMessage.putIfAbsent(event.getMessage().getId(), event.getHand());
        }
      }
    }
    TreeMap<Integer, Integer> handFrom = new TreeMap<>();
    begins.forEach((hand, from) -> handFrom.putIfAbsent(from, hand));
    Map<TraceEvent, Integer> hands = new HashMap<>();
    int latest = begins.keySet().stream().findFirst().orElse(0);
    for (TraceEvent event : sorted) {
      int hand = event.getHand();
      if (hand <= 0) {
        Message message = event.getMessage();
        Map.Entry<Integer, Integer> next = handFrom.higherEntry(event.getSequence());
        boolean admit = message.getType().equals("Admit") && next != null;
        hand = handOfMessage.getOrDefault(message.getId(), admit ? next.getValue() : latest);
        latest = hand;
      }
      hands.put(event, hand);
    }
    sorted.sort(Comparator.<TraceEvent>comparingInt(hands::get).thenComparing(BY_SEQUENCE));
    return new LogicalOrder(List.copyOf(sorted), hands);
  }
}
