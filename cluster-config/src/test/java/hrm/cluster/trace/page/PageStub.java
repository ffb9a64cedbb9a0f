package hrm.cluster.trace.page;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The page's files, and the trace API's contract answered from memory. */
final class PageStub implements AutoCloseable {
  /** The policy that a node sends too. */
  static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'; trusted-types 'none'";

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html", "js", "text/javascript", "css", "text/css", "svg", "image/svg+xml");

  final StubStreams streams = new StubStreams();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private volatile CountDownLatch held = new CountDownLatch(0);
  private final List<JsonObject> jobs = new ArrayList<>();
  private final Map<String, JsonObject> traces = new ConcurrentHashMap<>();

  PageStub() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  String url(String hash) {
    return "http://127.0.0.1:%d/%s".formatted(server.getAddress().getPort(), hash);
  }

  void jobs(List<JsonObject> listed) {
    jobs.clear();
    jobs.addAll(listed);
  }

  /** Answers with this trace for its job, and tells whoever follows it. */
  void trace(JsonObject trace) {
    keep(trace);
    streams.send(trace.getAsJsonObject("job").get("id").getAsString(), "trace", trace);
  }

  /** Answers with this trace from now on, and tells nobody. */
  void keep(JsonObject trace) {
    traces.put(trace.getAsJsonObject("job").get("id").getAsString(), trace);
  }

  void forget(String id) {
    traces.remove(id);
  }

  /** Answers about jobs are as of when they are asked for, and go out when they are let go. */
  void hold() {
    held = new CountDownLatch(1);
  }

  void letGo() {
    held.countDown();
  }

  private void answer(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Security-Policy", POLICY);
    exchange.getResponseHeaders().set("X-Content-Type-Options", "nosniff");
    String path = exchange.getRequestURI().getRawPath();
    if (path.equals("/")) {
      file(exchange, "/hrm/page/index.html");
    } else if (path.startsWith("/page/")) {
      file(exchange, "/hrm" + path);
    } else if (path.equals("/lib/preact/preact.module.js")) {
      file(exchange, library("preact", "dist/preact.module.js"));
    } else if (path.equals("/api/stream")) {
      streams.answer(exchange);
    } else {
      json(exchange, path);
    }
  }

  private static String library(String name, String file) throws IOException {
    Properties pom = new Properties();
    try (InputStream in =
        PageStub.class.getResourceAsStream(
            "/META-INF/maven/org.webjars.npm/%s/pom.properties".formatted(name))) {
      pom.load(in);
    }
    return "/META-INF/resources/webjars/%s/%s/%s".formatted(name, pom.get("version"), file);
  }

  private static void file(HttpExchange exchange, String name) throws IOException {
    try (InputStream in = PageStub.class.getResourceAsStream(name)) {
      if (in == null) {
        send(exchange, 404, "text/plain", new byte[0]);
        return;
      }
      String type = TYPES.get(name.substring(name.lastIndexOf('.') + 1));
      send(exchange, 200, type + "; charset=utf-8", in.readAllBytes());
    }
  }

  private void json(HttpExchange exchange, String path) throws IOException {
    JsonObject body = new JsonObject();
    int code = 200;
    if (path.equals("/api/about")) {
      body.addProperty("version", "0.1.0");
      body.addProperty("node", "akka://hrm@127.0.0.1:2551");
    } else if (path.equals("/api/jobs")) {
      JsonArray all = new JsonArray();
      jobs.forEach(all::add);
      body.add("jobs", all);
      body.addProperty("total", jobs.size());
    } else {
      String id = URLDecoder.decode(path.replaceFirst("^/api/jobs/", ""), StandardCharsets.UTF_8);
      JsonObject trace = traces.get(id);
      if (trace == null) {
        code = 404;
        body.addProperty("error", "job %s: no trace of it is kept here".formatted(id));
      } else {
        body = trace;
      }
    }
    byte[] answer = body.toString().getBytes(StandardCharsets.UTF_8);
    if (!path.equals("/api/about")) {
      StubStreams.await(held);
    }
    send(exchange, code, "application/json", answer);
  }

  private static void send(HttpExchange exchange, int code, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  @Override
  public void close() {
    letGo();
    streams.close();
    server.stop(0);
    threads.shutdownNow();
  }
}
