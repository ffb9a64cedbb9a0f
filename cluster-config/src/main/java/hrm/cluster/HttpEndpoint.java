package hrm.cluster;

import com.google.gson.JsonObject;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import hrm.proto.ClusterReport;
import hrm.proto.NodeReport;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's door for people and programs: GET /ready, /alive, /status, /cluster, /metrics, POST
 * /drain?node=NAME; JSON but for the metrics.
 */
final class HttpEndpoint implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpEndpoint.class);
  private static final int AUTO_PORTS = 200;
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** What others say: whether the node is ready, whether it lives, its metrics. */
  record Pages(
      Supplier<HttpAnswer> ready, Supplier<HttpAnswer> alive, Supplier<HttpAnswer> metrics) {}

  private final HttpSettings settings;
  private final Supplier<NodeReport> self;
  private final Supplier<CompletionStage<ClusterReport>> cluster;
  private final Function<String, CompletionStage<Optional<NodeReport>>> drain;
  private final Duration drainLimit;
  private final Pages pages;
  private final HttpServer server;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(
          2,
          task -> {
            Thread thread = new Thread(task, "hrm-http");
            thread.setDaemon(true);
            return thread;
          });

  /**
   * Answers from now on.
   *
   * @param self how this node stands
   * @param cluster how all nodes stand
   * @param drain tells the node of that name to leave; empty when there is none
   * @param drainLimit how long a node may take to leave
   * @throws CommandException when the port cannot be had
   */
  HttpEndpoint(
      HttpSettings settings,
      Supplier<NodeReport> self,
      Supplier<CompletionStage<ClusterReport>> cluster,
      Function<String, CompletionStage<Optional<NodeReport>>> drain,
      Duration drainLimit,
      Pages pages) {
    this.settings = settings;
    this.self = self;
    this.cluster = cluster;
    this.drain = drain;
    this.drainLimit = drainLimit;
    this.pages = pages;
    server = bind(settings);
    server.createContext("/", this::handle);
    server.setExecutor(threads);
    server.start();
  }

  private static HttpServer bind(HttpSettings settings) {
    boolean auto = settings.port().equals("auto");
    int first = auto ? HttpSettings.FIRST_PORT : Integer.parseInt(settings.port());
    for (int port = first; port < first + (auto ? AUTO_PORTS : 1); port++) {
      try {
        return HttpServer.create(new InetSocketAddress(settings.host(), port), 0);
      } catch (BindException e) {
        if (!auto) {
          throw CommandException.wrongInput(
              "hrm.http (HRM_HTTP_HOST, HRM_HTTP_PORT): %s:%d: %s; choose an address of this machine and a free port, or auto"
                  .formatted(settings.host(), port, e.getMessage()));
        }
      } catch (IOException e) {
        throw CommandException.failed(
            "hrm.http: %s:%d: %s".formatted(settings.host(), port, Main.reason(e)));
      }
    }
    throw CommandException.failed(
        "hrm.http.host = %s has no free port from %d to %d; check that it is an address of this machine, or set hrm.http.port (HRM_HTTP_PORT)"
            .formatted(settings.host(), first, first + AUTO_PORTS - 1));
  }

  /** HOST:PORT. */
  String address() {
    return settings.host() + ":" + server.getAddress().getPort();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      HttpAnswer answer;
      try {
        answer = answer(exchange);
      } catch (Exception e) {
        log.warn("{} {}: {}", exchange.getRequestMethod(), exchange.getRequestURI(), e.toString());
        answer = error(500, Main.reason(e));
      }
      byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", answer.contentType());
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(answer.status(), head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  private static HttpAnswer error(int code, String message) {
    JsonObject body = new JsonObject();
    body.addProperty("error", message);
    return HttpAnswer.json(code, body);
  }

  private HttpAnswer answer(HttpExchange exchange) throws Exception {
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/ready")) { // those who probe have no token
      return pages.ready().get();
    }
    if (path.equals("/alive")) {
      return pages.alive().get();
    }
    if (!allowed(exchange)) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
      return error(401, "send the header Authorization: Bearer TOKEN, see hrm.http.token");
    }
    String method = exchange.getRequestMethod();
    String wanted = path.equals("/drain") ? "POST" : "GET";
    if (!path.matches("/(status|cluster|metrics|drain)")) {
      return error(
          404,
          "there are GET /ready, /alive, /status, /cluster, /metrics and POST /drain?node=NAME");
    }
    if (!method.equals(wanted) && !(method.equals("HEAD") && wanted.equals("GET"))) {
      exchange.getResponseHeaders().set("Allow", wanted);
      return error(405, "%s %s: use %s".formatted(method, path, wanted));
    }
    return switch (path) {
      case "/status" -> HttpAnswer.json(200, ProtoJson.of(self.get()));
      case "/metrics" -> pages.metrics().get();
      case "/cluster" -> HttpAnswer.json(200, ProtoJson.of(get(cluster.get())));
      default -> drain(exchange);
    };
  }

  private boolean allowed(HttpExchange exchange) {
    if (settings.token().isEmpty()) {
      return true;
    }
    String given = exchange.getRequestHeaders().getFirst("Authorization");
    byte[] expected = ("Bearer " + settings.token()).getBytes(StandardCharsets.UTF_8);
    return given != null // in a time that tells nothing about the token
        && MessageDigest.isEqual(expected, given.getBytes(StandardCharsets.UTF_8));
  }

  private HttpAnswer drain(HttpExchange exchange) throws Exception {
    if (exchange.getRequestHeaders().containsKey("Origin")) {
      return error(403, "not from web pages");
    }
    String query = Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse("");
    if (!query.startsWith("node=") || query.length() == 5 || query.contains("&")) {
      return error(400, "say which node: POST /drain?node=NAME");
    }
    String name = URLDecoder.decode(query.substring(5), StandardCharsets.UTF_8);
    Optional<NodeReport> told = get(drain.apply(name));
    if (told.isEmpty()) {
      return error(404, "no node that answers is called \"%s\"".formatted(name));
    }
    NodeReport node = told.get();
    if (!node.getState().equals(Node.DRAINING)) {
      return error(409, "node %s is %s; try again when it serves".formatted(name, node.getState()));
    }
    JsonObject body = new JsonObject();
    body.addProperty("name", name);
    body.addProperty("address", node.getAddress());
    body.addProperty("http", node.getHttp());
    body.addProperty("state", node.getState());
    body.addProperty("limit_millis", drainLimit.toMillis());
    return HttpAnswer.json(200, body);
  }

  private static <T> T get(CompletionStage<T> stage) throws Exception {
    return stage.toCompletableFuture().get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
