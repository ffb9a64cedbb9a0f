package hrm.cluster.node;

import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import com.google.gson.JsonObject;
import hrm.cluster.http.HttpAnswers;
import hrm.cluster.http.HttpRoute;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * For those who watch over the node: GET /ready and GET /alive, 200 for yes and 503 for no, and GET
 * /metrics.
 */
record HealthRoutes(Health health, Supplier<String> metrics) implements HttpRoute {
  private static final ContentType METRICS = ContentTypes.parse(Metrics.TEXT);

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
    return CompletableFuture.completedFuture(
        switch (path.get(0)) {
          case "ready" -> {
            JsonObject ready = health.ready();
            yield yesOrNo(ready.get("ready").getAsBoolean(), ready);
          }
          case "alive" -> {
            JsonObject alive = new JsonObject();
            alive.addProperty("alive", health.isAlive());
            yield yesOrNo(alive.get("alive").getAsBoolean(), alive);
          }
          default ->
              HttpAnswers.bytes(200, METRICS, metrics.get().getBytes(StandardCharsets.UTF_8));
        });
  }

  private static HttpResponse yesOrNo(boolean yes, JsonObject body) {
    return HttpAnswers.json(yes ? 200 : 503, body);
  }
}
