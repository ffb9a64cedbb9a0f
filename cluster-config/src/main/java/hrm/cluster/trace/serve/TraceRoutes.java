package hrm.cluster.trace.serve;

import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import hrm.cluster.http.HttpAnswers;
import hrm.cluster.http.HttpRefusal;
import hrm.cluster.http.HttpRoute;
import hrm.cluster.trace.JsonLines;
import hrm.cluster.trace.TraceExport;
import hrm.cluster.trace.TraceJson;
import hrm.cluster.trace.TraceView;
import hrm.cluster.trace.Traces;
import hrm.gateway.TraceIndex;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/** The trace API, as doc/trace-api.md has it. */
public final class TraceRoutes implements HttpRoute {
  /** Of one trace; the rest is left out, and said to be. */
  public static final int MOST_EVENTS = 20_000;

  private static final ContentType LINES = ContentTypes.parse("application/x-ndjson");
  private static final ContentType NPY = ContentTypes.parse("application/octet-stream");

  private final Traces traces;
  private final Supplier<JsonObject> about;
  private final Rethinking rethinking;
  private final TraceStreams streams;
  private static final int MAX_JOBS = 10_000; // in one answer

  private final Executor readers;

  /**
   * @param about this node
   * @param readers where the topic is read and tensors are computed
   */
  TraceRoutes(
      Traces traces,
      Supplier<JsonObject> about,
      Rethinking rethinking,
      TraceStreams streams,
      Executor readers) {
    this.traces = traces;
    this.about = about;
    this.rethinking = rethinking;
    this.streams = streams;
    this.readers = readers;
  }

  @Override
  public boolean has(List<String> path) {
    boolean job = path.size() > 2 && path.get(1).equals("jobs");
    return !path.isEmpty()
        && path.get(0).equals("api")
        && (path.size() == 2 && List.of("about", "jobs", "stream").contains(path.get(1))
            || job && path.size() == 3
            || job
                && path.size() == 4
                && List.of("events", "export", "tensor").contains(path.get(3)));
  }

  @Override
  public String method(List<String> path) {
    return "GET";
  }

  @Override
  public CompletionStage<HttpResponse> answer(List<String> path, HttpRequest request) {
    TraceQuery query = new TraceQuery(request);
    if (path.size() == 2) {
      return switch (path.get(1)) {
        case "about" -> CompletableFuture.completedFuture(HttpAnswers.json(about.get()));
        case "jobs" -> {
          int limit = query.number("limit", 1_000, 0, MAX_JOBS);
          yield read(() -> HttpAnswers.json(jobs(limit)));
        }
        default -> CompletableFuture.completedFuture(streams.open(request, query.text("job", "")));
      };
    }
    String what = path.size() == 3 ? "trace" : path.get(3);
    return read(() -> job(path.get(2), what, query));
  }

  /** By few threads, with a short queue: what is asked for at once is bounded. */
  private CompletionStage<HttpResponse> read(Supplier<HttpResponse> answer) {
    try {
      return CompletableFuture.supplyAsync(answer, readers);
    } catch (RejectedExecutionException e) {
      throw new HttpRefusal(503, "too many traces are asked for at once; try again in a moment");
    }
  }

  private JsonObject jobs(int limit) {
    JsonObject json = stats(traces.stats());
    JsonArray jobs = new JsonArray();
    traces.jobs(limit).forEach(job -> jobs.add(TraceJson.of(job)));
    json.add("jobs", jobs);
    return json;
  }

  static JsonObject stats(TraceIndex.Stats stats) {
    JsonObject json = new JsonObject();
    json.addProperty("total", stats.jobs());
    json.addProperty("indexing", stats.indexing());
    json.addProperty("forgotten", stats.forgotten());
    json.addProperty("dropped", stats.dropped());
    json.addProperty("corrupt", stats.corrupt());
    return json;
  }

  private HttpResponse job(String id, String what, TraceQuery query) {
    return switch (what) {
      case "trace" -> HttpAnswers.json(TraceJson.of(trace(id, query)));
      case "events" -> HttpAnswers.bytes(200, LINES, utf8(JsonLines.of(events(id))));
      case "export" -> export(id, query);
      default ->
          HttpAnswers.download(
              HttpAnswers.bytes(
                  200, NPY, rethinking.tensor(trace(id, query), query.place(), query.state())),
              "state.npy");
    };
  }

  private List<hrm.proto.TraceEvent> events(String id) {
    if (traces.job(id).isEmpty()) {
      throw unknown();
    }
    return traces.events(id, MOST_EVENTS).events();
  }

  private TraceView trace(String id, TraceQuery query) {
    TraceView trace =
        traces.trace(id, query.attempt(), MOST_EVENTS).orElseThrow(TraceRoutes::unknown);
    if (query.attempt() > 0 && !trace.attempts().contains(query.attempt())) {
      throw new HttpRefusal(
          404, "no trace of attempt %d; there are %s".formatted(query.attempt(), trace.attempts()));
    }
    return trace;
  }

  private static HttpRefusal unknown() {
    return new HttpRefusal(
        404, "no trace of a job with this id; see /api/jobs, and hrm.actors.trace.sample");
  }

  private HttpResponse export(String id, TraceQuery query) {
    TraceExport form =
        TraceExport.named(query.text("format", ""))
            .orElseThrow(() -> new HttpRefusal(400, "format: give one of " + TraceExport.names()));
    TraceView trace = trace(id, query);
    return HttpAnswers.download(
        HttpAnswers.bytes(200, NPY, utf8(form.of(trace))), "trace." + form.ending);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
