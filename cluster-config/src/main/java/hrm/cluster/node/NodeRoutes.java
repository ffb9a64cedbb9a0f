package hrm.cluster.node;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import com.google.gson.JsonObject;
import hrm.cluster.cli.ProtoJson;
import hrm.cluster.http.HttpAnswers;
import hrm.cluster.http.HttpRefusal;
import hrm.cluster.http.HttpRoute;
import hrm.proto.ClusterReport;
import hrm.proto.NodeReport;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * How a node and its cluster stand, and the order to leave: GET /status, GET /cluster, POST
 * /drain?node=NAME.
 *
 * @param self how this node stands
 * @param cluster how all nodes stand
 * @param drain tells the node of that name to leave; empty when there is none
 * @param drainLimit how long a node may take to leave
 */
record NodeRoutes(
    Supplier<NodeReport> self,
    Supplier<CompletionStage<ClusterReport>> cluster,
    Function<String, CompletionStage<Optional<NodeReport>>> drain,
    Duration drainLimit)
    implements HttpRoute {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  @Override
  public boolean has(List<String> path) {
    return path.size() == 1 && List.of("status", "cluster", "drain").contains(path.get(0));
  }

  @Override
  public String method(List<String> path) {
    return path.get(0).equals("drain") ? "POST" : "GET";
  }

  @Override
  public CompletionStage<HttpResponse> answer(List<String> path, HttpRequest request) {
    return switch (path.get(0)) {
      case "status" ->
          CompletableFuture.completedFuture(HttpAnswers.json(ProtoJson.of(self.get())));
      case "cluster" ->
          inTime(cluster.get()).thenApply(report -> HttpAnswers.json(ProtoJson.of(report)));
      default -> drain(request);
    };
  }

  private CompletionStage<HttpResponse> drain(HttpRequest request) {
    if (request.getHeader("Origin").isPresent()) {
      throw new HttpRefusal(403, "not from web pages");
    }
    List<akka.japi.Pair<String, String>> query = request.getUri().query().toList();
    if (query.size() != 1
        || !query.get(0).first().equals("node")
        || query.get(0).second().isEmpty()) {
      throw new HttpRefusal(400, "say which node: POST /drain?node=NAME");
    }
    String name = query.get(0).second();
    return inTime(drain.apply(name)).thenApply(told -> told(name, told));
  }

  private HttpResponse told(String name, Optional<NodeReport> told) {
    if (told.isEmpty()) {
      return HttpAnswers.error(404, "no node that answers is called \"%s\"".formatted(name));
    }
    NodeReport node = told.get();
    if (!node.getState().equals(Node.DRAINING)) {
      return HttpAnswers.error(
          409, "node %s is %s; try again when it serves".formatted(name, node.getState()));
    }
    JsonObject body = new JsonObject();
    body.addProperty("name", name);
    body.addProperty("address", node.getAddress());
    body.addProperty("http", node.getHttp());
    body.addProperty("state", node.getState());
    body.addProperty("limit_millis", drainLimit.toMillis());
    return HttpAnswers.json(body);
  }

  private static <T> CompletableFuture<T> inTime(CompletionStage<T> stage) {
    return stage.toCompletableFuture().orTimeout(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }
}
