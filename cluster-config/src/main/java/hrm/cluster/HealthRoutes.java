package hrm.cluster;

import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** For those who watch over the node: GET /ready, GET /alive, GET /metrics. */
record HealthRoutes(
    Supplier<HttpAnswer> ready, Supplier<HttpAnswer> alive, Supplier<HttpAnswer> metrics)
    implements HttpRoute {
  @Override
  public boolean has(List<String> path) {
    return path.size() == 1 && List.of("ready", "alive", "metrics").contains(path.get(0));
  }

  @Override
  public String method(List<String> path) {
    return "GET";
  }

  /** Probes have no token; they learn yes or no. */
  @Override
  public boolean open(List<String> path) {
    return !path.get(0).equals("metrics");
  }

  @Override
  public CompletionStage<HttpResponse> answer(List<String> path, HttpRequest request) {
    HttpAnswer answer =
        switch (path.get(0)) {
          case "ready" -> ready.get();
          case "alive" -> alive.get();
          default -> metrics.get();
        };
    return CompletableFuture.completedFuture(
        HttpAnswers.bytes(
            answer.status(),
            ContentTypes.parse(answer.contentType()),
            answer.body().getBytes(StandardCharsets.UTF_8)));
  }
}
