package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorSystem;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import hrm.cluster.cli.CommandException;
import hrm.cluster.http.HttpEndpoint;
import hrm.cluster.operate.NodeClient;
import hrm.cluster.settings.HttpSettings;
import hrm.proto.ClusterReport;
import hrm.proto.NodeReport;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The endpoint over real HTTP on loopback, with a cluster that the test makes up. */
class HttpEndpointIT {
  /** Connections, instead of Akka's 1,024. */
  private static final int MOST = 60;

  private static final NodeReport SELF =
      NodeReport.newBuilder().setName("a").setAddress("h:1").setState(Node.SERVING).build();

  private static final HealthRoutes HEALTH =
      new HealthRoutes(
          new Health(() -> true, () -> true, () -> false, () -> true), () -> "hrm_ready 0\n");

  private final List<String> drained = new ArrayList<>();

  private static ActorSystem<Void> system;

  @BeforeAll
  static void start() {
    system = TestSystem.create("akka.http.server.max-connections = " + MOST);
  }

  @AfterAll
  static void stop() {
    system.terminate();
  }

  private HttpEndpoint endpoint(String token) {
    return endpoint("0", "off", token);
  }

  private HttpEndpoint endpoint(String port, String probePort, String token) {
    return new HttpEndpoint(
        system,
        new HttpSettings("127.0.0.1", port, probePort, token),
        List.of(
            HEALTH,
            new NodeRoutes(() -> SELF, this::cluster, this::drain, Duration.ofSeconds(30))));
  }

  private CompletableFuture<ClusterReport> cluster() {
    return CompletableFuture.completedFuture(
        ClusterReport.newBuilder()
            .setSeenBy("a")
            .addMembers(ClusterReport.Member.newBuilder().setReport(SELF))
            .addMembers(ClusterReport.Member.newBuilder().setAddress("h:2"))
            .build());
  }

  private CompletableFuture<Optional<NodeReport>> drain(String name) {
    drained.add(name);
    if (name.equals("young")) {
      return CompletableFuture.completedFuture(
          Optional.of(SELF.toBuilder().setState(Node.STARTING).build()));
    }
    return CompletableFuture.completedFuture(
        name.equals("a b")
            ? Optional.of(SELF.toBuilder().setName(name).setState(Node.DRAINING).build())
            : Optional.empty());
  }

  private static HttpResponse<String> send(
      HttpEndpoint endpoint, String method, String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + endpoint.address() + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient().send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static HttpResponse<String> get(String address, String path, int seconds)
      throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://" + address + path))
            .timeout(Duration.ofSeconds(seconds))
            .build();
    return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
  }

  private static JsonObject json(HttpResponse<String> response) {
    return JsonParser.parseString(response.body()).getAsJsonObject();
  }

  @Test
  void statusAndCluster_areJson() throws Exception {
    try (HttpEndpoint endpoint = endpoint("")) {
      assertEquals("a", json(send(endpoint, "GET", "/status")).get("name").getAsString());
      JsonObject cluster = json(send(endpoint, "GET", "/cluster"));
      assertEquals(2, cluster.getAsJsonArray("members").size());
      assertTrue(
          cluster.getAsJsonArray("members").get(1).getAsJsonObject().get("report").isJsonNull());
      assertEquals("a", new NodeClient(endpoint.address(), "").cluster().getSeenBy());
    }
  }

  @Test
  void token_isNeeded_andNothingHappensWithoutIt() throws Exception {
    try (HttpEndpoint endpoint = endpoint("hunter2-long-enough")) {
      for (String path : List.of("/status", "/cluster", "/nowhere")) {
        assertEquals(401, send(endpoint, "GET", path).statusCode(), path);
      }
      String wrong = "Bearer long-enougH";
      assertEquals(
          401, send(endpoint, "POST", "/drain?node=a%20b", "Authorization", wrong).statusCode());
      assertEquals(List.of(), drained);
      String right = "Bearer hunter2-long-enough";
      assertEquals(200, send(endpoint, "GET", "/status", "Authorization", right).statusCode());
      CommandException refused =
          assertThrows(
              CommandException.class, () -> new NodeClient(endpoint.address(), "").cluster());
      assertTrue(refused.getMessage().contains("HRM_HTTP_TOKEN"), refused.getMessage());
      assertEquals(
          "a", new NodeClient(endpoint.address(), "hunter2-long-enough").cluster().getSeenBy());
    }
  }

  @Test
  void drain_tellsTheNamedNode() throws Exception {
    try (HttpEndpoint endpoint = endpoint("")) {
      JsonObject told = new NodeClient(endpoint.address(), "").drain("a b");
      assertEquals("draining", told.get("state").getAsString());
      assertEquals(30_000, told.get("limit_millis").getAsLong());
      assertEquals(List.of("a b"), drained);
    }
  }

  @Test
  void wrongRequests_areRefusedWithAReason() throws Exception {
    try (HttpEndpoint endpoint = endpoint("")) {
      assertEquals(404, send(endpoint, "GET", "/").statusCode());
      HttpResponse<String> get = send(endpoint, "GET", "/drain?node=a");
      assertEquals(405, get.statusCode());
      assertEquals("POST", get.headers().firstValue("Allow").orElseThrow());
      assertEquals(405, send(endpoint, "DELETE", "/status").statusCode());
      assertEquals(400, send(endpoint, "POST", "/drain").statusCode());
      assertEquals(400, send(endpoint, "POST", "/drain?node=").statusCode());
      assertEquals(
          403,
          send(endpoint, "POST", "/drain?node=a%20b", "Origin", "http://elsewhere").statusCode());
      assertEquals(List.of(), drained);
      HttpResponse<String> nobody = send(endpoint, "POST", "/drain?node=x");
      assertEquals(404, nobody.statusCode());
      assertTrue(json(nobody).get("error").getAsString().contains("\"x\""), nobody.body());
      assertEquals(409, send(endpoint, "POST", "/drain?node=young").statusCode());
    }
  }

  @Test
  void head_isAsGetWithoutABody() throws Exception {
    try (HttpEndpoint endpoint = endpoint("")) {
      HttpResponse<String> head = send(endpoint, "HEAD", "/status");
      assertEquals(200, head.statusCode());
      assertEquals("", head.body());
    }
  }

  @Test
  void portTaken_isRefused() {
    try (HttpEndpoint endpoint = endpoint("")) {
      String port = endpoint.address().replaceAll(".*:", "");
      CommandException refused =
          assertThrows(CommandException.class, () -> endpoint(port, "off", ""));
      assertEquals(CommandException.WRONG_INPUT, refused.exitCode());
      assertFalse(refused.getMessage().isBlank());
      CommandException probes = assertThrows(CommandException.class, () -> endpoint("0", port, ""));
      assertTrue(probes.getMessage().contains("HRM_HTTP_PROBE_PORT"), probes.getMessage());
    }
  }

  /** A byte now and then keeps each. */
  @Test
  void whoeverTakesAllConnections_doesNotMakeAProbeFail() throws Exception {
    List<Socket> slow = new ArrayList<>();
    try (HttpEndpoint endpoint = endpoint("0", "0", "hunter2-token")) {
      for (int i = 0; i < MOST + 50; i++) {
        slow.add(slow(endpoint, i < MOST));
      }
      assertThrows(HttpTimeoutException.class, () -> get(endpoint.address(), "/alive", 1));
      String probes = endpoint.probeAddress().orElseThrow();
      assertEquals("{\"alive\":true}\n", get(probes, "/alive", 20).body());
      assertEquals(503, get(probes, "/ready", 20).statusCode());
      assertEquals(404, get(probes, "/status", 20).statusCode());
      assertEquals(404, get(probes, "/metrics", 20).statusCode());
    } finally {
      for (Socket socket : slow) {
        socket.close();
      }
    }
  }

  /**
   * Begins a request.
   *
   * @param taken whether it gets an answer to one before that, so that it does not wait in a queue
   */
  private static Socket slow(HttpEndpoint endpoint, boolean taken) throws IOException {
    String[] address = endpoint.address().split(":");
    Socket socket = new Socket(address[0], Integer.parseInt(address[1]));
    socket.setSoTimeout(10_000);
    String before = taken ? "GET /alive HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" : "";
    socket.getOutputStream().write((before + "G").getBytes(StandardCharsets.US_ASCII));
    byte[] answer = new byte[4096];
    for (int length = 0; taken && (length == 0 || answer[length - 2] != '}'); ) { // then a line end
      int read = socket.getInputStream().read(answer, length, answer.length - length);
      assertTrue(read > 0, "it is closed");
      length += read;
    }
    return socket;
  }

  @Test
  void probesNeedNoToken_metricsDo() throws Exception {
    try (HttpEndpoint endpoint = endpoint("hunter2-token")) {
      assertEquals(503, send(endpoint, "GET", "/ready").statusCode());
      assertEquals("{\"alive\":true}\n", send(endpoint, "GET", "/alive").body());
      assertEquals(401, send(endpoint, "GET", "/metrics").statusCode());
      assertEquals(401, send(endpoint, "GET", "/status").statusCode());
    }
    try (HttpEndpoint endpoint = endpoint("")) {
      HttpResponse<String> metrics = send(endpoint, "GET", "/metrics");
      assertEquals("hrm_ready 0\n", metrics.body());
      assertEquals(
          "text/plain; version=0.0.4; charset=UTF-8",
          metrics.headers().firstValue("Content-Type").orElseThrow());
    }
  }
}
