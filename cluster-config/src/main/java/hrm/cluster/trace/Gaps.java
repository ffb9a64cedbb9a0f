package hrm.cluster.trace;

import hrm.proto.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Finds the numbers that are missing: events that were dropped have used theirs up. */
final class Gaps {
  private Gaps() {}

  /** By hand, ascending. */
  static List<Gap> of(Attempt attempt) {
    Map<Integer, List<TraceEvent>> byHand = new TreeMap<>();
    for (TraceEvent event : attempt.events()) {
      byHand.computeIfAbsent(attempt.hand(event), hand -> new ArrayList<>()).add(event);
    }
    List<Gap> gaps = new ArrayList<>();
    byHand.forEach(
        (hand, events) -> {
          boolean first = attempt.hand(attempt.events().get(0)) == hand;
          add(hand, first ? 0 : from(events.get(0)), events, gaps);
        });
    return gaps;
  }

  /** A later planner's numbers begin with its admission, or with what is known of that. */
  private static int from(TraceEvent first) {
    return first.getHand() > 0 && causeIsEarlier(first) ? first.getCause() : first.getSequence();
  }

  /**
   * A number is used by the planner, or is a cause. The dispatcher's own may be far above: it hears
   * of several planners.
   */
  private static void add(int hand, int from, List<TraceEvent> events, List<Gap> gaps) {
    TreeSet<Integer> known = new TreeSet<>();
    int last = -1;
    for (TraceEvent event : events) {
      known.add(event.getSequence());
      int used = causeIsEarlier(event) ? event.getCause() : -1;
      last = Math.max(last, event.getHand() > 0 ? event.getSequence() : used);
    }
    long next = from;
    for (int sequence : known) {
      if (sequence > last) {
        break;
      }
      if (sequence > next) {
        gaps.add(new Gap(hand, (int) next, sequence - 1));
      }
      next = Math.max(next, sequence + 1L);
    }
    if (next <= last) {
      gaps.add(new Gap(hand, (int) next, last));
    }
  }

  private static boolean causeIsEarlier(TraceEvent event) {
    return event.hasCause() && event.getCause() < event.getSequence();
  }
}
