package hrm.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.typed.ActorSystem;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import hrm.cluster.trace.SyntheticTrace;
import hrm.gateway.JobSummary;
import hrm.gateway.JobSummary.State;
import hrm.model.Backends;
import hrm.model.Carry;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import hrm.model.Hrm;
import hrm.model.HrmConfig;
import hrm.model.LowLevel;
import hrm.model.Model;
import hrm.model.Weights;
import hrm.model.puzzle.Sudoku;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The trace API and the page over real HTTP on loopback, with traces that the test makes up. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class TraceHttpIT {
  private static final String EVIL = "<script>alert(1)</script>/../%2f\u001b[31m\n\"' ü";
  private static final String ARCH =
      """
      {"seq_len": 16, "vocab_size": 6, "puzzle_emb_ndim": 0, "hidden_size": 32, "num_heads": 4,
       "H_layers": 1, "L_layers": 1, "halt_max_steps": 4, "mlp_t": true, "pos_encodings": "none",
       "H_cycles": 2, "L_cycles": 2, "puzzle": "sudoku-4x4"}
      """;
  private static ActorSystem<Void> system;

  private final SyntheticTrace.Memory traces = new SyntheticTrace.Memory();
  private final ExecutorService readers = Executors.newFixedThreadPool(2);
  private final Model model =
      new Model("m", HrmConfig.parse(ARCH), Weights.random(HrmConfig.parse(ARCH), 7), "sha");
  private List<Model> models = List.of(model);
  private TraceStreams streams;
  private HttpEndpoint endpoint;

  @TempDir Path classes;

  @BeforeAll
  static void start() {
    system = TestSystem.create();
  }

  @AfterAll
  static void stop() {
    system.terminate();
  }

  @BeforeEach
  void open() throws Exception {
    open("");
  }

  private void open(String token) throws Exception {
    close();
    write("hrm/page/index.html", "<!doctype html><title>t</title>");
    write("hrm/page/main.js", "export const a = 1;");
    write("outside.js", "no file of the page");
    write("hrm/page/secret.conf", "no type that is served");
    write("META-INF/maven/org.webjars.npm/preact/pom.properties", "version=1.2.3\n");
    write("META-INF/resources/webjars/preact/1.2.3/dist/preact.module.js", "export const b = 2;");
    write("META-INF/resources/webjars/preact/1.2.3/package.json", "{}");
    traces.put("good", SyntheticTrace.solved("good").events(), State.HALTED);
    traces.put(EVIL, SyntheticTrace.solved(EVIL).events(), State.HALTED);
    streams = new TraceStreams(system, traces, readers);
    endpoint =
        new HttpEndpoint(
            system,
            new HttpSettings("127.0.0.1", "0", token),
            List.of(
                new TraceRoutes(
                    traces,
                    () -> NodeTraces.about("n", "b:1", 0.5, models),
                    new Rethinking(() -> models, () -> Backends.named("reference", 1)),
                    streams,
                    readers),
                new PageFiles(new URLClassLoader(new URL[] {classes.toUri().toURL()}, null))));
  }

  private void write(String name, String text) throws IOException {
    Files.createDirectories(classes.resolve(name).getParent());
    Files.writeString(classes.resolve(name), text);
  }

  @AfterEach
  void close() {
    if (endpoint != null) {
      streams.close();
      endpoint.close();
    }
  }

  private HttpResponse<byte[]> bytes(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + endpoint.address() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofByteArray());
  }

  private HttpResponse<String> get(String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + endpoint.address() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
  }

  private JsonObject json(String path) throws Exception {
    HttpResponse<String> response = get(path);
    assertEquals(200, response.statusCode(), response.body());
    return JsonParser.parseString(response.body()).getAsJsonObject();
  }

  private static String encoded(String id) {
    return URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /** What is sent and answered as it stands, for what HTTP clients refuse to send. */
  private String raw(String request) throws IOException {
    String[] address = endpoint.address().split(":");
    try (Socket socket = new Socket(address[0], Integer.parseInt(address[1]))) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void jobsAndTraces_areTheApis() throws Exception {
    JsonObject jobs = json("/api/jobs?limit=10");
    assertEquals(2, jobs.getAsJsonArray("jobs").size());
    assertEquals(2, jobs.get("total").getAsInt());
    assertEquals(1, json("/api/jobs?limit=1").getAsJsonArray("jobs").size());
    JsonObject trace = json("/api/jobs/good");
    assertEquals(4, trace.getAsJsonArray("cycles").size());
    assertEquals("VERIFIED", trace.getAsJsonObject("job").get("reason").getAsString());
    assertEquals(1, json("/api/jobs/good?attempt=1").get("attempt").getAsInt());
    assertEquals(404, get("/api/jobs/good?attempt=9").statusCode());
    assertEquals(400, get("/api/jobs/good?attempt=x").statusCode());
    assertEquals(404, get("/api/jobs/absent").statusCode());
    assertEquals(404, get("/api/jobs/absent/events").statusCode());
    assertEquals(404, get("/api/nothing").statusCode());
    assertEquals(
        "m",
        json("/api/about")
            .getAsJsonArray("models")
            .get(0)
            .getAsJsonObject()
            .get("name")
            .getAsString());
    assertEquals(
        traces.events.get("good").size(), get("/api/jobs/good/events").body().lines().count());
    for (TraceExport form : TraceExport.values()) {
      HttpResponse<String> export = get("/api/jobs/good/export?format=" + form);
      assertEquals(200, export.statusCode());
      assertTrue(
          export.headers().firstValue("Content-Disposition").orElse("").startsWith("attachment"));
    }
    assertEquals(400, get("/api/jobs/good/export?format=exe").statusCode());
  }

  @Test
  void everyAnswer_hasTheSecurityHeaders() throws Exception {
    for (String path : List.of("/", "/api/jobs", "/nowhere", "/page/main.js", "/api/jobs/absent")) {
      var headers = get(path).headers();
      String policy = headers.firstValue("Content-Security-Policy").orElse("");
      assertTrue(policy.contains("default-src 'none'"), path + ": " + policy);
      assertTrue(policy.contains("frame-ancestors 'none'"), policy);
      assertFalse(policy.contains("unsafe"), policy);
      assertFalse(policy.contains("http"), policy);
      assertEquals("nosniff", headers.firstValue("X-Content-Type-Options").orElse(""));
      assertEquals("no-referrer", headers.firstValue("Referrer-Policy").orElse(""));
      assertTrue(headers.firstValue("Server").isEmpty());
    }
  }

  @Test
  void hostileIds_areFoundAndStayJson() throws Exception {
    HttpResponse<String> response = get("/api/jobs/" + encoded(EVIL));
    assertEquals(200, response.statusCode(), response.body());
    assertEquals("application/json", response.headers().firstValue("Content-Type").orElse(""));
    JsonObject job =
        JsonParser.parseString(response.body()).getAsJsonObject().getAsJsonObject("job");
    assertEquals(EVIL, job.get("id").getAsString());
    for (String id : List.of("%00", "%0d%0aSet-Cookie:%20a=b", "..%2f..%2fetc", "%ff%fe")) {
      String answer =
          raw("GET /api/jobs/" + id + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      assertTrue(answer.matches("(?s)HTTP/1.1 40[04] .*"), answer);
      assertFalse(answer.contains("Set-Cookie: a"), answer);
    }
    String longest =
        raw(
            "GET /api/jobs/"
                + "a".repeat(20_000)
                + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    assertTrue(longest.startsWith("HTTP/1.1 414"), longest);
  }

  @Test
  void pageFiles_areThoseAndNoOthers() throws Exception {
    HttpResponse<String> page = get("/");
    assertTrue(page.headers().firstValue("Content-Type").orElse("").startsWith("text/html"));
    assertEquals("no-cache", page.headers().firstValue("Cache-Control").orElse(""));
    String tag = page.headers().firstValue("ETag").orElseThrow();
    assertEquals(304, get("/", "If-None-Match", tag).statusCode());
    assertTrue(
        get("/page/main.js")
            .headers()
            .firstValue("Content-Type")
            .orElse("")
            .startsWith("text/javascript"));
    assertEquals("export const b = 2;", get("/lib/preact/preact.module.js").body());
    for (String path :
        List.of(
            "/page/secret.conf",
            "/page/absent.js",
            "/page/..%2f..%2foutside.js",
            "/lib/preact/package.json",
            "/lib/preact/1.2.3/package.json",
            "/application.conf",
            "/page/..%2f..%2fapplication.conf",
            "/page/%2e%2e/secret.conf")) {
      assertEquals(404, get(path).statusCode(), path);
    }
  }

  @Test
  void token_opensByHeaderOrOnceByAddress() throws Exception {
    open("hunter2-long-enough");
    for (String path : List.of("/", "/api/jobs", "/api/stream", "/page/main.js", "/?token=wrong")) {
      assertEquals(401, get(path).statusCode(), path);
    }
    assertEquals(200, get("/api/jobs", "Authorization", "Bearer hunter2-long-enough").statusCode());
    HttpResponse<String> welcome = get("/?token=hunter2-long-enough");
    assertEquals(303, welcome.statusCode());
    assertEquals("/", welcome.headers().firstValue("Location").orElse(""));
    String cookie = welcome.headers().firstValue("Set-Cookie").orElseThrow();
    assertTrue(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), cookie);
    assertFalse(cookie.contains("hunter2-long-enough"), cookie);
    String pair = cookie.substring(0, cookie.indexOf(';'));
    assertEquals(200, get("/api/jobs", "Cookie", "a=b; " + pair).statusCode());
    assertEquals(401, get("/api/jobs", "Cookie", pair.replaceAll(".$", "x")).statusCode());
  }

  @Test
  void hostOfElsewhere_isRefusedOnLoopback() throws Exception {
    for (String host : List.of("evil.example", "evil.example:80", "127.0.0.1.evil.example")) {
      String answer =
          raw("GET /api/jobs HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
      assertTrue(answer.startsWith("HTTP/1.1 403"), answer);
      assertFalse(answer.contains("good"), answer);
    }
    for (String host : List.of("localhost:1234", "127.0.0.1", "[::1]:9")) {
      String answer =
          raw("GET /api/jobs HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
      assertTrue(answer.startsWith("HTTP/1.1 200"), answer);
    }
  }

  @Test
  void tensor_isWhatTheSequentialFunctionHolds() throws Exception {
    try (HighLevel high = model.highLevel(Backends.named("reference", 1));
        LowLevel low = model.lowLevel(Backends.named("reference", 1))) {
      int[] tokens = Sudoku.SIZE_4.parse(SyntheticTrace.PUZZLE);
      HiddenState inputs = high.embed(new int[][] {tokens}, new int[] {0});
      Carry carry = high.seat(null, new int[] {-1});
      HiddenState injection = high.inputInjection(carry.zH(), inputs);
      assertTensor(injection, "segment=1&cycle=1&tick=0&state=inputInjection");
      assertTensor(carry.zL(), "segment=1&cycle=1&tick=0&state=zL");
      assertTensor(low.ticks(carry.zL(), injection, 1).zL(), "segment=1&cycle=1&tick=1&state=zL");
      Hrm hrm = new Hrm(high, low, model.config());
      Carry first = hrm.segment(carry, inputs).carry();
      assertTensor(first.zL(), "segment=2&cycle=1&tick=0&state=zL");
      assertTensor(first.zH(), "segment=1&cycle=2&state=zH");
      assertTensor(hrm.segment(first, inputs).carry().zL(), "segment=2&cycle=2&state=zL");
    }
  }

  private void assertTensor(HiddenState expected, String query) throws Exception {
    HttpResponse<byte[]> response = bytes("/api/jobs/good/tensor?" + query);
    assertEquals(200, response.statusCode(), new String(response.body(), StandardCharsets.UTF_8));
    ByteBuffer npy = ByteBuffer.wrap(response.body()).order(ByteOrder.LITTLE_ENDIAN);
    String header = new String(response.body(), 10, npy.getShort(8), StandardCharsets.ISO_8859_1);
    assertTrue(header.contains("'shape': (16, 32)") && header.contains("'<f4'"), header);
    float[] got = new float[16 * 32];
    npy.position(10 + npy.getShort(8));
    npy.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(got);
    float[] values = new float[16 * 32];
    expected.read(values);
    org.junit.jupiter.api.Assertions.assertArrayEquals(values, got, query);
  }

  @Test
  void tensor_thatCannotBeHad_isRefusedWithTheReason() throws Exception {
    String base = "/api/jobs/good/tensor?";
    assertEquals(400, get(base + "cycle=1").statusCode());
    assertEquals(400, get(base + "segment=1&cycle=3").statusCode());
    assertEquals(400, get(base + "segment=1&cycle=1&tick=3").statusCode());
    assertEquals(400, get(base + "segment=65&cycle=1").statusCode());
    assertEquals(400, get(base + "segment=1&cycle=1&state=zX").statusCode());
    models = List.of();
    HttpResponse<String> absent = get(base + "segment=1&cycle=1");
    assertEquals(409, absent.statusCode());
    assertTrue(absent.body().contains("hrm.model.path"), absent.body());
  }

  /** A client of server-sent events that has no thread. */
  private final class Watcher implements AutoCloseable {
    private final Socket socket;
    private final BufferedReader in;

    Watcher(String path) throws IOException {
      String[] address = endpoint.address().split(":");
      socket = new Socket(address[0], Integer.parseInt(address[1]));
      socket.setSoTimeout(20_000);
      socket
          .getOutputStream()
          .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n").getBytes());
      InputStream stream = socket.getInputStream();
      in = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
    }

    /** The data of the next event of that name; null when the stream ends before. */
    JsonObject next(String event) throws IOException {
      boolean named = false;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (named && line.startsWith("data: ")) {
          return JsonParser.parseString(line.substring(6)).getAsJsonObject();
        }
        named = line.equals("event: " + event);
        if (line.equals("0")) { // the last chunk
          return null;
        }
      }
      return null;
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  @Test
  void stream_tellsOfJobsAndStats() throws Exception {
    try (Watcher watcher = new Watcher("/api/stream")) {
      assertEquals(2, watcher.next("stats").get("total").getAsInt());
      traces.put("new", SyntheticTrace.solved("new").events(), State.RUNNING);
      assertEquals("new", watcher.next("job").get("id").getAsString());
    }
  }

  @Test
  void jobsStream_endsSomeTimeAfterItHasHalted() throws Exception {
    List<hrm.proto.TraceEvent> all = SyntheticTrace.solved("live").events();
    traces.put("live", all.subList(0, 10), State.RUNNING);
    try (Watcher watcher = new Watcher("/api/stream?job=live")) {
      assertEquals(1, watcher.next("trace").getAsJsonArray("cycles").size());
      traces.put("live", all, State.HALTED);
      JsonObject trace = watcher.next("trace");
      assertEquals("halted", trace.getAsJsonObject("job").get("state").getAsString());
      assertEquals(4, trace.getAsJsonArray("cycles").size());
      assertEquals(null, watcher.next("trace"), "the stream has an end");
    }
    assertEquals(404, get("/api/stream?job=absent").statusCode());
    assertEquals(204, get("/api/stream?job=live", "Last-Event-ID", "3").statusCode());
  }

  @Test
  void twoHundredViewers_needNoThreadEach() throws Exception {
    List<Watcher> watchers = new ArrayList<>();
    try {
      try (Watcher first = new Watcher("/api/stream")) {
        first.next("stats");
      }
      int before = Thread.activeCount();
      for (int i = 0; i < 200; i++) {
        watchers.add(new Watcher(i % 2 == 0 ? "/api/stream" : "/api/stream?job=good"));
      }
      for (int i = 0; i < 200; i++) {
        assertFalse(watchers.get(i).next(i % 2 == 0 ? "stats" : "trace") == null);
      }
      assertTrue(
          Thread.activeCount() - before < 20,
          "threads: " + before + ", then " + Thread.activeCount());
      traces.put("new", SyntheticTrace.solved("new").events(), State.RUNNING);
      for (int i = 0; i < 200; i += 2) {
        assertEquals("new", watchers.get(i).next("job").get("id").getAsString());
      }
    } finally {
      for (Watcher watcher : watchers) {
        watcher.close();
      }
    }
  }

  @Test
  void slowViewer_isLeftBehind_theOthersAreNot() throws Exception {
    try (Watcher slow = new Watcher("/api/stream");
        Watcher quick = new Watcher("/api/stream")) {
      slow.next("stats");
      quick.next("stats");
      String fat = "x".repeat(4_000_000); // more than sockets buffer, each tick
      for (int i = 0; streams.viewers() == 2; i++) {
        assertTrue(i < 200, "it is still fed");
        JobSummary job = SyntheticTrace.summary(fat + i, State.RUNNING, 1);
        traces.listeners.forEach(listener -> listener.changed(job));
        assertEquals(job.id(), quick.next("job").get("id").getAsString());
      }
      assertEquals(1, streams.viewers());
    }
  }
}
