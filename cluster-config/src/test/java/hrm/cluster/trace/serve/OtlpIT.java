package hrm.cluster.trace.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpServer;
import hrm.cluster.chaos.Fleet;
import hrm.cluster.chaos.Fleet.Spec;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.jobs.Delivery;
import hrm.cluster.jobs.Puzzles;
import hrm.cluster.jobs.SubmitCommand;
import hrm.cluster.local.TinyFleet;
import hrm.cluster.settings.Role;
import hrm.gateway.GatewaySettings;
import hrm.gateway.Topics;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Two gateways share the export of finished traces; one is killed on the way. */
@Timeout(180)
class OtlpIT {
  private static final int JOBS = 300;

  /** The trace of a job as it came to a gateway's collector. */
  private record Sent(String gateway, String job, String attempt) {}

  @RegisterExtension final TinyFleet tiny = new TinyFleet();

  @TempDir Path folder;
  private final BlockingQueue<Sent> sent = new LinkedBlockingQueue<>();

  /** The parent of the last span of each name. */
  private final Map<String, ByteString> parents = new ConcurrentHashMap<>();

  private final List<HttpServer> collectors = new ArrayList<>();
  private Fleet fleet;

  @AfterEach
  void close() {
    collectors.forEach(collector -> collector.stop(0));
  }

  private Spec gateway(String name) throws Exception {
    HttpServer collector =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    collector.createContext(
        "/v1/traces",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          ExportTraceServiceRequest request = ExportTraceServiceRequest.parseFrom(body);
          request
              .getResourceSpans(0)
              .getScopeSpans(0)
              .getSpansList()
              .forEach(span -> parents.put(span.getName(), span.getParentSpanId()));
          sent.add(
              new Sent(name, attribute(request, "hrm.job.id"), attribute(request, "hrm.attempt")));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    collector.start();
    collectors.add(collector);
    String endpoint = "http://127.0.0.1:" + collector.getAddress().getPort();
    return new Spec(name, Set.of(Role.GATEWAY), List.of("hrm.trace.otlp-endpoint=" + endpoint));
  }

  private static String attribute(ExportTraceServiceRequest request, String key) {
    AnyValue value =
        request.getResourceSpans(0).getScopeSpans(0).getSpansList().stream()
            .flatMap(span -> span.getAttributesList().stream())
            .filter(attribute -> attribute.getKey().equals(key))
            .findAny()
            .orElseThrow()
            .getValue();
    return value.hasIntValue() ? Long.toString(value.getIntValue()) : value.getStringValue();
  }

  @Test
  void gatewayKilled_theOtherSendsWhatItHadNotSent() throws Exception {
    List<Spec> specs =
        List.of(
            gateway("gateway-1"),
            gateway("gateway-2"),
            new Spec("solver", Set.of(Role.PLANNER, Role.WORKER), List.of()));
    fleet = tiny.of(folder.resolve("fleet"), specs, "hrm.actors.trace.sample=1");
    fleet.startAll();
    ConfigOptions options = new ConfigOptions();
    options.bootstrap = fleet.bootstrap();
    GatewaySettings settings = GatewaySettings.from(options.load());
    Topics.ensure(settings);
    Delivery delivery = new Delivery(Delivery.newRun("otlp"));
    SubmitCommand.send(
        settings,
        Puzzles.generated("sudoku-4x4", JOBS).stream().map(p -> delivery.job(p).build()).toList());

    Set<String> jobs = new HashSet<>();
    Map<String, Set<Sent>> byGateway = new HashMap<>();
    boolean killed = false;
    while (jobs.size() < JOBS) {
      Sent next = sent.poll(45, TimeUnit.SECONDS);
      assertTrue(next != null, jobs.size() + " of " + JOBS + " traces came");
      jobs.add(next.job());
      byGateway.computeIfAbsent(next.gateway(), gateway -> new HashSet<>()).add(next);
      if (!killed && byGateway.size() == 2 && jobs.size() >= JOBS / 4) {
        fleet.kill("gateway-1");
        killed = true;
      }
    }
    assertTrue(killed, "one gateway sent everything");
    assertEquals(Set.of("job", "cycle", "tick"), parents.keySet());
    assertTrue(parents.get("job").isEmpty(), "these jobs have no caller's span to stand in");
    assertFalse(parents.get("cycle").isEmpty());
    Set<String> first = names(byGateway.get("gateway-1"));
    Set<String> again = names(byGateway.get("gateway-2"));
    again.retainAll(first);
    System.out.printf(
        "%d traces by the one that died, %d of them again%n", first.size(), again.size());
    assertTrue(
        again.size() < first.size(), "nothing was committed: all of " + first.size() + " again");
  }

  private static Set<String> names(Set<Sent> traces) {
    Set<String> names = new HashSet<>();
    traces.forEach(trace -> names.add(trace.job() + " " + trace.attempt()));
    return names;
  }
}
