package hrm.cluster.http;

import akka.actor.ClassicActorSystemProvider;
import akka.http.javadsl.Http;
import akka.http.javadsl.ServerBinding;
import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node's door for people and programs: one HTTP server for all that it answers. */
public final class HttpEndpoint implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HttpEndpoint.class);
  private static final int AUTO_PORTS = 200;
  private static final Duration BIND = Duration.ofSeconds(10);
  private static final Duration CLOSE = Duration.ofMillis(300);

  private final HttpSettings settings;
  private final List<HttpRoute> routes;
  private final ServerBinding binding;
  private final HttpGate gate;

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
        return Http.get(system)
            .newServerAt(settings.host(), port)
            .bind(handler)
            .toCompletableFuture()
            .orTimeout(BIND.toMillis(), TimeUnit.MILLISECONDS)
            .join();
      } catch (CompletionException e) {
        if (!auto) {
          throw CommandException.wrongInput(
              "hrm.http (HRM_HTTP_HOST, HRM_HTTP_PORT): %s:%d: %s; choose an address of this machine and a free port, or auto"
                  .formatted(settings.host(), port, CommandException.reason(e.getCause())));
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

  private CompletionStage<HttpResponse> handle(HttpGate gate, HttpRequest request) {
    CompletionStage<HttpResponse> answer;
    try {
      List<String> path = new ArrayList<>();
      request.getUri().pathSegments().forEach(path::add);
      Optional<HttpRoute> route = routes.stream().filter(part -> part.has(path)).findFirst();
      boolean open = route.isPresent() && route.get().open(path);
      Optional<HttpResponse> stopped = gate.stop(request, open);
      answer =
          stopped.isPresent()
              ? CompletableFuture.completedFuture(stopped.get())
              : route.isPresent()
                  ? routed(route.get(), path, request)
                  : CompletableFuture.completedFuture(nothingHere());
    } catch (Exception e) {
      answer = CompletableFuture.failedFuture(e);
    }
    return answer
        .exceptionally(e -> failed(request, e instanceof CompletionException ? e.getCause() : e))
        .thenApply(HttpGate::secured);
  }

  private static CompletionStage<HttpResponse> routed(
      HttpRoute route, List<String> path, HttpRequest request) throws Exception {
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
    String path =
        Escaped.of(request.getUri().path()); // without the query, which may hold the token
    log.warn("{} {}: {}", request.method().value(), path, e.toString());
    return e instanceof TimeoutException
        ? HttpAnswers.error(504, "no answer in time; try again")
        : HttpAnswers.error(500, CommandException.reason(e));
  }

  @Override
  public void close() {
    binding.terminate(CLOSE).toCompletableFuture().exceptionally(e -> null).join();
  }
}
