package hrm.cluster.trace;

import hrm.proto.Message;
import hrm.proto.TraceEvent;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which actor an event happened at. */
public final class Actors {
  private final Map<Integer, String> planners = new HashMap<>(); // by hand

  Actors(List<TraceEvent> events) {
    for (TraceEvent event : events) {
      Message message = event.getMessage();
      switch (message.getType()) {
        case "Think", "Finished", "Reached" -> put(event, message.getSender());
        case "Thought", "Admit" -> put(event, message.getReceiver());
        default -> {}
      }
    }
  }

  private void put(TraceEvent event, String planner) {
    if (event.getHand() > 0 && !planner.isEmpty()) {
      planners.putIfAbsent(event.getHand(), planner);
    }
  }

  /** Path of the actor; of the hand's planner for an event that is no message. */
  String of(TraceEvent event) {
    Message message = event.getMessage();
    String path =
        !event.hasMessage()
            ? planners.getOrDefault(event.getHand(), "")
            : message.getStep() == Message.Step.RECEIVED
                ? message.getReceiver()
                : message.getSender();
    return path.isEmpty() ? event.getNode() + "/hand-" + event.getHand() : path;
  }

  /** What happened, in a few words of one line. */
  static String what(TraceEvent event) {
    Message message = event.getMessage();
    return switch (event.getEventCase()) {
      case MESSAGE ->
          "%s %s %s%s%s"
              .formatted(
                  message.getStep() == Message.Step.RECEIVED ? "received" : "sent",
                  message.getType(),
                  message.getId(),
                  message.getRetry() > 0 ? " retry " + message.getRetry() : "",
                  message.getLate() ? " late" : "");
      case CYCLE ->
          "Cycle %d.%d".formatted(event.getCycle().getSegment(), event.getCycle().getCycle());
      case SEGMENT ->
          "Segment %d%s"
              .formatted(
                  event.getSegment().getSegment(), event.getSegment().getSolved() ? " solved" : "");
      case ADMITTED -> "Admitted";
      case HALTED -> "Halted " + TraceJson.reason(event.getHalted().getReason());
      default -> "unknown event";
    };
  }
}
