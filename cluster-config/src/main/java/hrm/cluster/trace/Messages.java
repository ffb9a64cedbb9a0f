package hrm.cluster.trace;

import hrm.proto.Message;
import hrm.proto.TraceEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Puts the events of a message's sending and arrival together. */
final class Messages {
  private Messages() {}

  private static final class Pair {
    TraceEvent sent;
    TraceEvent received;
  }

  /** In the order of their sending, or of their arrival where that is all there is. */
  static List<MessageView> of(Attempt attempt, List<Gap> gaps) {
    Map<String, Pair> pairs = new LinkedHashMap<>();
    for (TraceEvent event : attempt.events()) {
      if (event.hasMessage()) {
        Pair pair = pairs.computeIfAbsent(key(event), id -> new Pair());
        if (event.getMessage().getStep() != Message.Step.RECEIVED) {
          pair.sent = pair.sent == null ? event : pair.sent;
        } else {
          pair.received = pair.received == null ? event : pair.received;
        }
      }
    }
    Set<TraceEvent> path = CriticalPath.of(attempt);
    Advance advance = new Advance(attempt);
    List<MessageView> messages = new ArrayList<>();
    for (Pair pair : pairs.values()) {
      boolean lost =
          pair.received == null
              && gaps.stream().noneMatch(gap -> isBehind(gap, attempt, pair.sent))
              && advance.beyond(pair.sent);
      messages.add(
          new MessageView(
              Optional.ofNullable(pair.sent),
              Optional.ofNullable(pair.received),
              lost,
              pair.sent != null && path.contains(pair.sent)
                  || pair.received != null && path.contains(pair.received)));
    }
    return messages;
  }

  private static boolean isBehind(Gap gap, Attempt attempt, TraceEvent sent) {
    return gap.holds(attempt.hand(sent), sent.getSequence() + 1);
  }

  /** A message without an id is only itself. */
  private static String key(TraceEvent event) {
    String id = event.getMessage().getId();
    return id.isEmpty() ? "\0" + event.getSequence() + "\0" + event.getNode() : id;
  }

  /** How far the attempt came after each of its events. */
  private static final class Advance {
    private final Map<TraceEvent, Long> after = new LinkedHashMap<>();

    Advance(Attempt attempt) {
      List<TraceEvent> events = attempt.events();
      long most = Long.MIN_VALUE;
      for (int i = events.size() - 1; i >= 0; i--) {
        after.put(events.get(i), most);
        most = Math.max(most, reach(events.get(i)));
      }
    }

    /** Whether it went on without what this event sent. */
    boolean beyond(TraceEvent sent) {
      Message message = sent.getMessage();
      long own =
          place(sent.getHand(), message.getSegment(), message.getCycle(), message.getRetry());
      return after.get(sent) > own;
    }

    private static long reach(TraceEvent event) {
      int hand = event.getHand();
      return switch (event.getEventCase()) {
        case HALTED -> Long.MAX_VALUE;
        case CYCLE -> place(hand, event.getCycle().getSegment(), event.getCycle().getCycle(), 255);
        case MESSAGE -> {
          Message message = event.getMessage();
          boolean sent = message.getStep() == Message.Step.SENT;
          yield sent
              ? place(hand, message.getSegment(), message.getCycle(), message.getRetry())
              : Long.MIN_VALUE;
        }
        default -> Long.MIN_VALUE;
      };
    }

    private static long place(int hand, int segment, int cycle, int retry) {
      return (hand & 0x7fffL) << 48
          | (segment & 0xffffffL) << 24
          | (cycle & 0xffffL) << 8
          | Math.min(retry & 0xffff, 254);
    }
  }
}
