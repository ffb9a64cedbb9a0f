package hrm.cluster.trace.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Eventually;
import hrm.cluster.settings.TraceSettings;
import hrm.cluster.trace.SyntheticTrace;
import hrm.gateway.JobSummary.State;
import hrm.gateway.TraceEnds;
import hrm.proto.TraceEvent;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The export against a small collector on loopback. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class OtlpExportTest {
  private static final OtlpExport.Pace QUICK =
      new OtlpExport.Pace(Duration.ZERO, Duration.ofMillis(20), Duration.ofMillis(400));

  private static final OtlpExport.Pace PATIENT =
      new OtlpExport.Pace(Duration.ZERO, Duration.ofMillis(20), Duration.ofSeconds(30));

  private final SyntheticTrace.Memory traces =
      new SyntheticTrace.Memory().put("j", SyntheticTrace.solved("j").events(), State.HALTED);
  private final BlockingQueue<ExportTraceServiceRequest> received = new LinkedBlockingQueue<>();
  private final BlockingQueue<Integer> codes = new LinkedBlockingQueue<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final Ends ends = new Ends();
  private HttpServer collector;

  /** Ends that the test gives out. */
  private static final class Ends implements TraceEnds {
    final BlockingQueue<TraceEnds.End> coming = new LinkedBlockingQueue<>();
    final BlockingQueue<TraceEnds.End> done = new LinkedBlockingQueue<>();

    @Override
    public List<TraceEnds.End> poll(Duration atMost) {
      try {
        List<TraceEnds.End> ends = new ArrayList<>();
        TraceEnds.End end = coming.poll(10, TimeUnit.MILLISECONDS);
        for (; end != null; end = coming.poll()) {
          ends.add(end);
        }
        return ends;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return List.of();
      }
    }

    @Override
    public void done(TraceEnds.End end) {
      done.add(end);
    }

    @Override
    public void commit() {}

    @Override
    public void close() {}
  }

  @BeforeEach
  void listen() throws Exception {
    collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/v1/traces",
        exchange -> {
          requests.incrementAndGet();
          Integer code = codes.poll();
          byte[] body = exchange.getRequestBody().readAllBytes();
          if (code == null) {
            assertEquals(
                "application/x-protobuf", exchange.getRequestHeaders().getFirst("Content-Type"));
            received.add(ExportTraceServiceRequest.parseFrom(body));
          }
          exchange.sendResponseHeaders(code == null ? 200 : code, -1);
          exchange.close();
        });
    collector.start();
  }

  @AfterEach
  void close() {
    collector.stop(0);
  }

  private OtlpExport export() {
    return export(QUICK);
  }

  private OtlpExport export(OtlpExport.Pace pace) {
    URI uri = URI.create("http://127.0.0.1:" + collector.getAddress().getPort() + "/v1/traces");
    return new OtlpExport(() -> ends, traces, new OtlpSender(uri, Duration.ofSeconds(5)), pace);
  }

  private static TraceEnds.End end(String job) {
    return new TraceEnds.End(job, 1, 0, 0, job.hashCode());
  }

  private ExportTraceServiceRequest next() throws InterruptedException {
    ExportTraceServiceRequest request = received.poll(20, TimeUnit.SECONDS);
    assertTrue(request != null, "nothing came");
    return request;
  }

  @Test
  void finishedTrace_isSent_andTheSameWhenSentAgain() throws Exception {
    try (OtlpExport export = export()) {
      ends.coming.add(end("j"));
      ExportTraceServiceRequest first = next();
      assertEquals(13, first.getResourceSpans(0).getScopeSpans(0).getSpansCount());
      assertEquals(end("j"), ends.done.poll(20, TimeUnit.SECONDS), "once it is sent");
      ends.coming.add(end("j"));
      assertEquals(first, next());
    }
  }

  @Test
  void runsOfOneAttempt_areSentEachOnce() throws Exception {
    List<TraceEvent> both = new ArrayList<>();
    for (long run : List.of(7L, 8L)) {
      SyntheticTrace trace = new SyntheticTrace("r", 1, SyntheticTrace.PUZZLE);
      both.addAll(SyntheticTrace.solved(trace.run(run, "h" + run, (int) run)).events());
    }
    traces.put("r", both, State.HALTED);
    Set<ByteString> spans = new HashSet<>();
    try (OtlpExport export = export()) {
      ends.coming.add(new TraceEnds.End("r", 1, 7, 0, 1));
      ends.coming.add(new TraceEnds.End("r", 1, 8, 0, 2));
      for (ExportTraceServiceRequest request : List.of(next(), next())) {
        request
            .getResourceSpans(0)
            .getScopeSpans(0)
            .getSpansList()
            .forEach(span -> spans.add(span.getSpanId()));
      }
    }
    assertEquals(2 * 13, spans.size());
  }

  @Test
  void busyCollector_isAskedAgain() throws Exception {
    codes.addAll(List.of(503, 429));
    try (OtlpExport export = export(PATIENT)) {
      ends.coming.add(end("j"));
      next();
      assertEquals(3, requests.get());
      assertEquals(0, export.failed());
    }
  }

  /** Each try at it lasts a timeout: what cannot wait is given up without one. */
  @Test
  void hangingCollector_doesNotLetTracesPileUp() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      URI uri = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/v1/traces");
      OtlpExport.Pace pace =
          new OtlpExport.Pace(Duration.ZERO, Duration.ofSeconds(1), Duration.ofHours(1));
      for (int i = 0; i < 2_500; i++) {
        traces.put("j" + i, SyntheticTrace.solved("j" + i).events(), State.HALTED);
        ends.coming.add(end("j" + i));
      }
      OtlpSender sender = new OtlpSender(uri, Duration.ofMillis(200));
      try (OtlpExport export = new OtlpExport(() -> ends, traces, sender, pace)) {
        for (int i = 0; i < 400; i++) { // of those beyond 2,000
          assertTrue(ends.done.poll(10, TimeUnit.SECONDS) != null, "given up: " + i);
        }
        assertTrue(export.failed() >= 400);
      }
    }
  }

  @Test
  void refusal_isCountedAndNotRepeated() throws Exception {
    codes.add(400);
    traces.put("k", SyntheticTrace.solved("k").events(), State.HALTED);
    try (OtlpExport export = export()) {
      ends.coming.add(end("j"));
      ends.coming.add(end("k"));
      next();
      assertEquals(1, export.failed());
      assertEquals(2, requests.get());
    }
  }

  @Test
  void collectorAway_isGivenUpAfterAWhile_andTheRestIsSentWhenItComesBack() throws Exception {
    for (int i = 0; i < 1_000; i++) {
      codes.add(503);
    }
    try (OtlpExport export = export()) {
      ends.coming.add(end("j"));
      ends.coming.add(end("unknown")); // the index never hears of it
      Eventually.holds(() -> export.failed() >= 2, () -> export.failed() + " of 2 given up");
      codes.clear();
      ends.coming.add(end("j"));
      next();
    }
  }

  @Test
  void endpoint_isChecked() {
    for (String wrong :
        List.of("collector:4318", "ftp://c:1", "http://user:hunter2@c:1", "http:")) {
      IllegalArgumentException e =
          org.junit.jupiter.api.Assertions.assertThrows(
              IllegalArgumentException.class,
              () ->
                  TraceSettings.from(
                      new ConfigOptions().load(Map.of("hrm.trace.otlp-endpoint", wrong))));
      assertTrue(e.getMessage().contains("hrm.trace.otlp-endpoint"), e.getMessage());
      assertTrue(!e.getMessage().contains("hunter2"), e.getMessage());
    }
    TraceSettings settings =
        TraceSettings.from(
            new ConfigOptions().load(Map.of("hrm.trace.otlp-endpoint", "http://c:4318")));
    assertEquals("http://c:4318/v1/traces", settings.otlpTraces().orElseThrow().toString());
    assertTrue(TraceSettings.from(new ConfigOptions().load()).otlp().isEmpty());
  }
}
