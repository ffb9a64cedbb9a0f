package hrm.cluster.http;

import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** A part of what a node answers over HTTP. */
public interface HttpRoute {
  /** GET alone, or POST alone; HEAD goes with GET. */
  String method(List<String> path);

  /** Whether a path, decoded and split at its slashes, is this part's. */
  boolean has(List<String> path);

  /** Whether a path of this part's is answered without a token. */
  default boolean open(List<String> path) {
    return false;
  }

  CompletionStage<HttpResponse> answer(List<String> path, HttpRequest request) throws Exception;
}
