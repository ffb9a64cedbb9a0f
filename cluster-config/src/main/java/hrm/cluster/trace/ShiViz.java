package hrm.cluster.trace;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import hrm.proto.Message;
import hrm.proto.TraceEvent;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A trace as a log for ShiViz, which draws space-time diagrams. It reads it by the expression
 * {@link #PARSER}. Hosts are actors; the vector clocks are made from what was sent and received.
 */
public final class ShiViz {
  /** ShiViz's log parsing regular expression. */
  public static final String PARSER = "(?<host>\\S*) (?<clock>{.*})\\n(?<event>.*)";

  private ShiViz() {}

  public static String of(TraceView trace) {
    Actors actors = new Actors(trace.events());
    Map<String, Map<String, Integer>> clocks = new HashMap<>();
    Map<String, Map<String, Integer>> sent = new HashMap<>();
    StringBuilder log = new StringBuilder();
    for (TraceEvent event : trace.events()) {
      String host = Escaped.word(actors.of(event));
      Map<String, Integer> clock = clocks.computeIfAbsent(host, h -> new LinkedHashMap<>());
      Message message = event.getMessage();
      if (event.hasMessage() && message.getStep() == Message.Step.RECEIVED) {
        sent.getOrDefault(message.getId(), Map.of())
            .forEach((other, time) -> clock.merge(other, time, Math::max));
      }
      clock.merge(host, 1, Integer::sum);
      if (event.hasMessage() && message.getStep() != Message.Step.RECEIVED) {
        sent.put(message.getId(), new LinkedHashMap<>(clock));
      }
      JsonObject json = new JsonObject();
      clock.forEach(json::addProperty);
      log.append(host).append(' ').append(new Gson().toJson(json)).append('\n');
      log.append(Escaped.of(Actors.what(event))).append('\n');
    }
    return log.toString();
  }
}
