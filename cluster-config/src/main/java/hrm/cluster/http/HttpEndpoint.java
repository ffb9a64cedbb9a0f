package hrm.cluster.http;

import akka.actor.ClassicActorSystemProvider;
import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.http.javadsl.settings.ServerSettings;
import akka.http.scaladsl.model.IllegalUriException;
import hrm.cluster.cli.CommandException;
import hrm.cluster.settings.HttpSettings;
import hrm.cluster.trace.Escaped;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.concurrent.duration.FiniteDuration;

/** A node's door for people and programs: one HTTP server for all that it answers. */
public final class HttpEndpoint implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpEndpoint.class);
  private static final int AUTO_PORTS = 200;
  private static final Duration BIND = Duration.ofSeconds(10);
  private static final Duration CLOSE = Duration.ofMillis(300);
  private static final Duration PROBE_IDLE = Duration.ofSeconds(5);
  private static final int MOST_PROBES = 128;

  private final HttpSettings settings;
  private final List<HttpRoute> routes;
  private final ServerBinding binding;
  private final HttpGate gate;
  private final ServerBinding probes; // null: those who probe ask at the other port

  /**
   * Answers from now on.
   *
   * @param routes the first that has a path answers it
   * @throws CommandException when the port cannot be had
   */
  public HttpEndpoint(
      ClassicActorSystemProvider system, HttpSettings settings, List<HttpRoute> routes) {
    this.settings = settings;
    this.routes = routes;
    CompletableFuture<HttpGate> open = new CompletableFuture<>();
    binding = bind(system, request -> open.thenCompose(gate -> handle(gate, request)));
    gate = new HttpGate(settings, port());
    open.complete(gate);
    probes = settings.probed() ? bindProbes(system) : null;
    probeAddress().ifPresent(address -> log.info("answers /alive and /ready at {}", address));
  }

  /**
   * Connections of its own: whoever takes all of the other port's does not have the node killed.
   */
  private ServerBinding bindProbes(ClassicActorSystemProvider system) {
    int port = Integer.parseInt(settings.probePort());
    ServerSettings usual = ServerSettings.create(system.classicSystem());
    ServerSettings few = usual.withMaxConnections(MOST_PROBES);
    try {
      return bound(
          Http.get(system)
              .newServerAt(settings.host(), port)
              .withSettings(
                  few.withTimeouts(
                      usual
                          .getTimeouts()
                          .withIdleTimeout(
                              FiniteDuration.apply(PROBE_IDLE.toMillis(), TimeUnit.MILLISECONDS))))
              .bind(this::handleProbe));
    } catch (CompletionException e) {
      close();
      throw refused("HRM_HTTP_PROBE_PORT", port, "off", e);
    }
  }

  private static ServerBinding bound(CompletionStage<ServerBinding> binding) {
    return binding.toCompletableFuture().orTimeout(BIND.toMillis(), TimeUnit.MILLISECONDS).join();
  }

  private CommandException refused(String variable, int port, String other, CompletionException e) {
    String reason = CommandException.reason(e.getCause());
    return CommandException.wrongInput(
        "hrm.http (HRM_HTTP_HOST, %s): %s:%d: %s; choose an address of this machine and a free port, or %s"
            .formatted(variable, settings.host(), port, reason, other));
  }

  private ServerBinding bind(
      ClassicActorSystemProvider system,
      akka.japi.function.Function<HttpRequest, CompletionStage<HttpResponse>> handler) {
    boolean auto = settings.port().equals("auto");
    int first = auto ? HttpSettings.FIRST_PORT : Integer.parseInt(settings.port());
    for (int port = first; port < first + (auto ? AUTO_PORTS : 1); port++) {
      if (auto && !isFree(port)) {
        continue;
      }
      try {
        return bound(Http.get(system).newServerAt(settings.host(), port).bind(handler));
      } catch (CompletionException e) {
        if (!auto) {
          throw refused("HRM_HTTP_PORT", port, "auto", e);
        }
      }
    }
    throw CommandException.failed(
        "hrm.http.host = %s has no free port from %d to %d; check that it is an address of this machine, or set hrm.http.port (HRM_HTTP_PORT)"
            .formatted(settings.host(), first, first + AUTO_PORTS - 1));
  }

  /** Asked first, because a port that is taken is nothing to log. */
  private boolean isFree(int port) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(settings.host(), port));
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private int port() {
    return binding.localAddress().getPort();
  }

  /** HOST:PORT. */
  public String address() {
    return settings.host() + ":" + port();
  }

  /** HOST:PORT of what answers those who probe alone; empty without one. */
  public Optional<String> probeAddress() {
    return Optional.ofNullable(probes)
        .map(bound -> settings.host() + ":" + bound.localAddress().getPort());
  }

  private CompletionStage<HttpResponse> handle(HttpGate gate, HttpRequest request) {
    return answered(
        request,
        () -> {
          List<String> path = path(request);
          Optional<HttpRoute> route = routes.stream().filter(part -> part.has(path)).findFirst();
          boolean open = route.isPresent() && route.get().open(path);
          Optional<HttpResponse> stopped = gate.stop(request, open);
          return stopped.isPresent()
              ? CompletableFuture.completedFuture(stopped.get())
              : routed(route, path, request);
        });
  }

  /** What needs no token, and nothing else. */
  private CompletionStage<HttpResponse> handleProbe(HttpRequest request) {
    return answered(
        request,
        () -> {
          List<String> path = path(request);
          Optional<HttpRoute> route =
              routes.stream().filter(part -> part.has(path) && part.open(path)).findFirst();
          return routed(route, path, request);
        });
  }

  private static List<String> path(HttpRequest request) {
    List<String> path = new ArrayList<>();
    request.getUri().pathSegments().forEach(path::add);
    return path;
  }

  private static CompletionStage<HttpResponse> answered(
      HttpRequest request, Callable<CompletionStage<HttpResponse>> asked) {
    CompletionStage<HttpResponse> answer;
    try {
      answer = asked.call();
    } catch (Exception e) {
      answer = CompletableFuture.failedFuture(e);
    }
    return answer
        .exceptionally(e -> failed(request, e instanceof CompletionException ? e.getCause() : e))
        .thenApply(HttpGate::secured);
  }

  private static CompletionStage<HttpResponse> routed(
      Optional<HttpRoute> part, List<String> path, HttpRequest request) throws Exception {
    if (part.isEmpty()) {
      return CompletableFuture.completedFuture(nothingHere());
    }
    HttpRoute route = part.get();
    String wanted = route.method(path);
    String method = request.method().value();
    boolean head = request.method().equals(HttpMethods.HEAD) && wanted.equals("GET");
    if (!method.equals(wanted) && !head) {
      return CompletableFuture.completedFuture(
          HttpAnswers.error(405, "use %s here, not %s".formatted(wanted, method))
              .addHeader(HttpAnswers.header("Allow", wanted)));
    }
    return route.answer(path, request);
  }

  private static HttpResponse nothingHere() {
    return HttpAnswers.error(
        404,
        "there are GET /, /api/jobs, /status, /cluster, /ready, /alive and /metrics, and POST"
            + " /drain?node=NAME; see cluster-config/doc/trace-api.md");
  }

  private static HttpResponse failed(HttpRequest request, Throwable e) {
    if (e instanceof HttpRefusal refusal) {
      return HttpAnswers.error(refusal.code(), refusal.getMessage());
    }
    if (e instanceof IllegalUriException) { // its words quote the query, which may hold the token
      return HttpAnswers.error(400, "the query is not encoded as addresses are");
    }
    String path =
        Escaped.of(request.getUri().path()); // without the query, which may hold the token
    log.warn("{} {}: {}", request.method().value(), path, e.toString());
    return e instanceof TimeoutException
        ? HttpAnswers.error(504, "no answer in time; try again")
        : HttpAnswers.error(500, CommandException.reason(e));
  }

  @Override
  public void close() {
    CompletionStage<?> end = binding.terminate(CLOSE);
    if (probes != null) {
      end = end.thenCombine(probes.terminate(CLOSE), (one, other) -> one);
    }
    end.toCompletableFuture().exceptionally(e -> null).join();
  }
}
