package hrm.cluster.trace;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import hrm.proto.Times;
import hrm.proto.TraceEvent;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A trace in Chrome's trace event format, for ui.perfetto.dev: a process a node, a thread an actor,
 * slices for waiting and computing, arrows for messages, counters for residuals. Times are those of
 * the nodes' own clocks.
 */
public final class Perfetto {
  private final JsonArray events = new JsonArray();
  private final Map<String, Integer> nodes = new HashMap<>();
  private final Map<String, Integer> actors = new HashMap<>();
  private final Actors who;

  private Perfetto(TraceView trace) {
    who = new Actors(trace.events());
  }

  public static String of(TraceView trace) {
    Perfetto perfetto = new Perfetto(trace);
    for (int i = 0; i < trace.messages().size(); i++) {
      perfetto.message(trace.messages().get(i), i);
    }
    for (TraceEvent event : trace.events()) {
      if (!event.hasMessage()) {
        perfetto.instant(event);
      }
    }
    trace.cycles().forEach(perfetto::residuals);
    JsonObject json = new JsonObject();
    json.add("traceEvents", perfetto.events);
    json.addProperty("displayTimeUnit", "ns");
    JsonObject about = new JsonObject();
    about.addProperty("job", trace.job().id());
    about.addProperty("attempt", trace.attempt());
    json.add("otherData", about);
    return new Gson().toJson(json) + "\n";
  }

  private void message(MessageView view, int flow) {
    String type = view.message().getType();
    view.sent()
        .ifPresent(
            sent -> {
              slice("send " + type, sent, 0, 1_000).add("args", TraceJson.of(view));
              if (view.received().isPresent()) {
                arrow(add("s", type, sent, 0), flow);
              }
            });
    view.received()
        .ifPresent(
            received -> {
              long mailbox = view.nanos(Times::getMailboxNanos);
              long compute = view.nanos(Times::getComputeNanos);
              if (mailbox > 0) {
                slice("mailbox", received, -mailbox, mailbox);
              }
              slice(type, received, 0, Math.max(compute, 1_000)).add("args", TraceJson.of(view));
              if (view.sent().isPresent()) {
                JsonObject end = add("f", type, received, 0);
                end.addProperty("bp", "e");
                arrow(end, flow);
              }
            });
  }

  private static void arrow(JsonObject event, int flow) {
    event.addProperty("cat", "message");
    event.addProperty("id", flow + 1);
  }

  private void instant(TraceEvent event) {
    add("i", Actors.what(event), event, 0).addProperty("s", "t");
  }

  private void residuals(CycleView cycle) {
    JsonObject values = new JsonObject();
    values.addProperty("z_h", finite(cycle.cycle().getZHResidual()));
    int ticks = cycle.cycle().getZLResidualsCount();
    if (ticks > 0) {
      values.addProperty("z_l", finite(cycle.cycle().getZLResiduals(ticks - 1)));
    }
    add("C", "residual", cycle.event(), 0).add("args", values);
  }

  private static Float finite(float value) {
    return Float.isFinite(value) ? value : null;
  }

  private JsonObject slice(String name, TraceEvent event, long afterNanos, long nanos) {
    JsonObject slice = add("X", name, event, afterNanos);
    slice.addProperty("dur", nanos / 1e3);
    return slice;
  }

  private JsonObject add(String phase, String name, TraceEvent event, long afterNanos) {
    String node = event.getNode();
    String actor = who.of(event);
    int process = number(nodes, node, "process_name", 0);
    int thread = number(actors, actor, "thread_name", process);
    JsonObject json = new JsonObject();
    json.addProperty("ph", phase);
    json.addProperty("name", name);
    json.addProperty("pid", process);
    json.addProperty("tid", thread);
    json.addProperty("ts", micros(Attempt.at(event)) + afterNanos / 1e3);
    events.add(json);
    return json;
  }

  private int number(Map<String, Integer> known, String name, String kind, int process) {
    Integer number = known.get(name);
    if (number == null) {
      number = known.size() + 1;
      known.put(name, number);
      JsonObject json = new JsonObject();
      json.addProperty("ph", "M");
      json.addProperty("name", kind);
      json.addProperty("pid", process == 0 ? number : process);
      json.addProperty("tid", process == 0 ? 0 : number);
      JsonObject args = new JsonObject();
      args.addProperty("name", name);
      json.add("args", args);
      events.add(json);
    }
    return number;
  }

  private static double micros(Optional<Instant> at) {
    return at.map(t -> t.getEpochSecond() * 1e6 + t.getNano() / 1e3).orElse(0.0);
  }
}
