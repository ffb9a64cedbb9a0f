package hrm.cluster.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.util.JsonFormat;
import hrm.proto.TraceEvent;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Every export is read back as its reader would. */
class ExportsTest {
  private static final TraceView TRACE =
      SyntheticTrace.view(SyntheticTrace.solved("job\n<b>\u001b[0m").events());

  @Test
  void jsonLines_areTheEventsAgain() throws Exception {
    List<TraceEvent> back = new ArrayList<>();
    for (String line : JsonLines.of(TRACE.events()).split("\n")) {
      TraceEvent.Builder event = TraceEvent.newBuilder();
      JsonFormat.parser().merge(line, event);
      back.add(event.build());
    }
    assertEquals(TRACE.events(), back);
  }

  @Test
  void perfetto_hasBalancedArrows_andNamedThreads() {
    JsonObject json = JsonParser.parseString(Perfetto.of(TRACE)).getAsJsonObject();
    Map<String, Integer> phases = new HashMap<>();
    List<Integer> starts = new ArrayList<>();
    List<Integer> ends = new ArrayList<>();
    for (JsonElement element : json.getAsJsonArray("traceEvents")) {
      JsonObject event = element.getAsJsonObject();
      phases.merge(event.get("ph").getAsString(), 1, Integer::sum);
      switch (event.get("ph").getAsString()) {
        case "s" -> starts.add(event.get("id").getAsInt());
        case "f" -> ends.add(event.get("id").getAsInt());
        case "X" -> assertTrue(event.get("dur").getAsDouble() > 0);
        default -> {}
      }
    }
    assertEquals(11, starts.size());
    assertEquals(starts, ends);
    assertEquals(4, phases.get("C"));
    assertEquals(2 + 3, phases.get("M"), "two nodes; dispatcher, planner, worker");
    assertEquals(11 * 3, phases.get("X"), "sending, mailbox, processing");
  }

  @Test
  void shiViz_clocksAreVectorClocks() {
    // As ShiViz's JavaScript, where a brace needs no escape.
    Pattern parser = Pattern.compile(ShiViz.PARSER.replace("{", "\\{").replace("}", "\\}"));
    Matcher matcher = parser.matcher(ShiViz.of(TRACE));
    Map<String, Integer> own = new HashMap<>();
    int events = 0;
    JsonObject last = null;
    while (matcher.find()) {
      String host = matcher.group("host");
      last = JsonParser.parseString(matcher.group("clock")).getAsJsonObject();
      own.merge(host, 1, Integer::sum);
      assertEquals(own.get(host), last.get(host).getAsInt(), "one more at each event of a host");
      events++;
    }
    assertEquals(TRACE.events().size(), events);
    assertEquals(3, own.size());
    assertEquals(
        own.get(SyntheticTrace.WORKER),
        last.get(SyntheticTrace.WORKER).getAsInt(),
        "the end knows of all that the worker did");
  }

  private static List<Span> spans(TraceView trace) throws Exception {
    byte[] wire = Otlp.of(trace, "1").toByteArray();
    return ExportTraceServiceRequest.parseFrom(wire)
        .getResourceSpans(0)
        .getScopeSpans(0)
        .getSpansList();
  }

  @Test
  void otlp_continuesTheCallersTrace_jobCycleTick() throws Exception {
    List<Span> spans = spans(TRACE);
    Map<String, Long> names = new HashMap<>();
    spans.forEach(span -> names.merge(span.getName(), 1L, Long::sum));
    assertEquals(Map.of("job", 1L, "cycle", 4L, "tick", 8L), names);
    Map<String, Span> byId = new HashMap<>();
    for (Span span : spans) {
      assertEquals("0af7651916cd43dd8448eb211c80319c", Otlp.hex(span.getTraceId()));
      assertTrue(span.getStartTimeUnixNano() <= span.getEndTimeUnixNano());
      assertEquals(null, byId.put(Otlp.hex(span.getSpanId()), span), "ids differ");
    }
    for (Span span : spans) {
      String parent = Otlp.hex(span.getParentSpanId());
      switch (span.getName()) {
        case "job" -> assertEquals("b7ad6b7169203331", parent);
        case "cycle" -> assertEquals("job", byId.get(parent).getName());
        default -> assertEquals("cycle", byId.get(parent).getName());
      }
    }
    assertEquals(11, spans.stream().mapToInt(Span::getEventsCount).sum());
    assertEquals(spans, spans(TRACE), "sent again, it is the same");
  }

  @Test
  void otlp_withoutAUsableTraceparent_hasATraceOfItsOwn() throws Exception {
    String zero = "00-00000000000000000000000000000000-b7ad6b7169203331-01";
    for (String traceparent : List.of("", "garbage", zero)) {
      SyntheticTrace trace = new SyntheticTrace("j", 1, SyntheticTrace.PUZZLE);
      trace.begin(traceparent).halted(0, false);
      Span job = spans(SyntheticTrace.view(trace.events())).get(0);
      assertEquals(16, job.getTraceId().size());
      assertTrue(job.getParentSpanId().isEmpty());
      assertFalse(Otlp.hex(job.getTraceId()).matches("0+"));
    }
    assertNotEquals(TraceIds.of("a", "").trace(), TraceIds.of("b", "").trace());
  }

  @Test
  void otlp_runsOfOneAttempt_haveSpansOfTheirOwn() throws Exception {
    List<Span> all = new ArrayList<>();
    for (long run : List.of(0L, 7L, 8L)) {
      SyntheticTrace trace = new SyntheticTrace("j", 1, SyntheticTrace.PUZZLE).run(run, "h", 0);
      all.addAll(spans(SyntheticTrace.view(SyntheticTrace.solved(trace).events())));
    }
    assertEquals(3 * 13, all.stream().map(Span::getSpanId).distinct().count());
    assertEquals(1, all.stream().map(Span::getTraceId).distinct().count());
  }

  @Test
  void otlpJson_hasIdsInHex() throws Exception {
    JsonObject json = JsonParser.parseString(Otlp.json(TRACE, "1")).getAsJsonObject();
    JsonObject span =
        json.getAsJsonArray("resourceSpans")
            .get(0)
            .getAsJsonObject()
            .getAsJsonArray("scopeSpans")
            .get(0)
            .getAsJsonObject()
            .getAsJsonArray("spans")
            .get(0)
            .getAsJsonObject();
    assertEquals("0af7651916cd43dd8448eb211c80319c", span.get("traceId").getAsString());
    assertTrue(span.get("spanId").getAsString().matches("[0-9a-f]{16}"));
    assertTrue(span.get("kind").getAsJsonPrimitive().isNumber());
  }

  @Test
  void escaped_nothingMovesTheCursor() {
    String text = Escaped.of("a\u001b[31mb\r\n\u202ec\u2028d\ud800é😀");
    assertEquals("a\\u001b[31mb\\u000d\\u000a\\u202ec\\u2028d\\ud800é😀", text);
  }
}
