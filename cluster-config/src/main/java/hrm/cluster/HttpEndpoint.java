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
 * A node's door for people and programs: GET /status, GET /cluster, POST /drain?node=NAME, all in
 * JSON.
 */
final class HttpEndpoint implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpEndpoint.class);
  private static final int AUTO_PORTS = 200;
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** What is answered. */
  private record Answer(int code, JsonObject body) {
    static Answer error(int code, String message) {
      JsonObject body = new JsonObject();
      body.addProperty("error", message);
      return new Answer(code, body);
    }
  }

  private final HttpSettings settings;
  private final Supplier<NodeReport> self;
  private final Supplier<CompletionStage<ClusterReport>> cluster;
  private final Function<String, CompletionStage<Optional<NodeReport>>> drain;
  private final Duration drainLimit;
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
      Duration drainLimit) {
    this.settings = settings;
    this.self = self;
    this.cluster = cluster;
    this.drain = drain;
    this.drainLimit = drainLimit;
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
      Answer answer;
      try {
        answer = answer(exchange);
      } catch (Exception e) {
        log.warn("{} {}: {}", exchange.getRequestMethod(), exchange.getRequestURI(), e.toString());
        answer = Answer.error(500, Main.reason(e));
      }
      byte[] body = Json.line(answer.body()).getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      exchange.getResponseHeaders().set("Cache-Control", "no-store");
      boolean head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(answer.code(), head ? -1 : body.length);
      if (!head) {
        exchange.getResponseBody().write(body);
      }
    }
  }

  private Answer answer(HttpExchange exchange) throws Exception {
    if (!allowed(exchange)) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
      return Answer.error(401, "send the header Authorization: Bearer TOKEN, see hrm.http.token");
    }
    String path = exchange.getRequestURI().getPath();
    String method = exchange.getRequestMethod();
    String wanted = path.equals("/drain") ? "POST" : "GET";
    if (!path.matches("/(status|cluster|drain)")) {
      return Answer.error(404, "there are GET /status, GET /cluster and POST /drain?node=NAME");
    }
    if (!method.equals(wanted) && !(method.equals("HEAD") && wanted.equals("GET"))) {
      exchange.getResponseHeaders().set("Allow", wanted);
      return Answer.error(405, "%s %s: use %s".formatted(method, path, wanted));
    }
    return switch (path) {
      case "/status" -> new Answer(200, ProtoJson.of(self.get()));
      case "/cluster" -> new Answer(200, ProtoJson.of(get(cluster.get())));
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

  private Answer drain(HttpExchange exchange) throws Exception {
    if (exchange.getRequestHeaders().containsKey("Origin")) {
      return Answer.error(403, "not from web pages");
    }
    String query = Optional.ofNullable(exchange.getRequestURI().getRawQuery()).orElse("");
    if (!query.startsWith("node=") || query.length() == 5 || query.contains("&")) {
      return Answer.error(400, "say which node: POST /drain?node=NAME");
    }
    String name = URLDecoder.decode(query.substring(5), StandardCharsets.UTF_8);
    Optional<NodeReport> told = get(drain.apply(name));
    if (told.isEmpty()) {
      return Answer.error(404, "no node that answers is called \"%s\"".formatted(name));
    }
    NodeReport node = told.get();
    if (!node.getState().equals(Node.DRAINING)) {
      return Answer.error(
          409, "node %s is %s; try again when it serves".formatted(name, node.getState()));
    }
    JsonObject body = new JsonObject();
    body.addProperty("name", name);
    body.addProperty("address", node.getAddress());
    body.addProperty("http", node.getHttp());
    body.addProperty("state", node.getState());
    body.addProperty("limit_millis", drainLimit.toMillis());
    return new Answer(200, body);
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
