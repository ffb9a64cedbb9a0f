package hrm.cluster.trace.serve;

import akka.actor.ClassicActorSystemProvider;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import hrm.cluster.cli.Version;
import hrm.cluster.http.HttpRoute;
import hrm.cluster.settings.TraceSettings;
import hrm.cluster.trace.Traces;
import hrm.gateway.GatewaySettings;
import hrm.gateway.TraceEnds;
import hrm.gateway.TraceIndex;
import hrm.gateway.TraceIndexSettings;
import hrm.model.Backend;
import hrm.model.Backends;
import hrm.model.Model;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What a gateway does with traces: it indexes them, answers questions about them, exports them. */
public final class NodeTraces implements AutoCloseable {
  private static final int READERS = 2;
  private static final int WAITING = 64;

  private final TraceIndex index;
  private final TraceStreams streams;
  private final TraceRoutes routes;
  private final OtlpExport export; // null: none
  private final ThreadPoolExecutor readers =
      new ThreadPoolExecutor(
          READERS,
          READERS,
          10,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(WAITING),
          task -> {
            Thread thread = new Thread(task, "hrm-trace-reader");
            thread.setDaemon(true);
            return thread;
          });
  private Backend backend; // of rethinking, once it is needed

  /**
   * Starts at once; brokers may come later.
   *
   * @param name of the node
   * @param models as far as they are loaded
   * @param threads of arithmetic
   */
  public NodeTraces(
      ClassicActorSystemProvider system,
      GatewaySettings gateway,
      TraceIndexSettings indexSettings,
      TraceSettings settings,
      double sample,
      String name,
      Supplier<List<Model>> models,
      int threads) {
    readers.allowCoreThreadTimeOut(true);
    index = TraceIndex.start(gateway, indexSettings, name);
    Traces traces = Traces.of(index);
    streams = new TraceStreams(system, traces, readers);
    routes =
        new TraceRoutes(
            traces,
            () -> about(name, gateway.bootstrap(), sample, models.get()),
            new Rethinking(models, () -> backend(threads)),
            streams,
            readers);
    export =
        settings
            .otlpTraces()
            .map(
                endpoint ->
                    new OtlpExport(
                        () -> TraceEnds.of(gateway, name, "otlp"),
                        traces,
                        new OtlpSender(endpoint, settings.otlpTimeout()),
                        OtlpExport.Pace.USUAL))
            .orElse(null);
  }

  private synchronized Backend backend(int threads) {
    if (backend == null) {
      backend = Backends.named("auto", threads);
    }
    return backend;
  }

  static JsonObject about(String node, String bootstrap, double sample, List<Model> models) {
    JsonObject json = new JsonObject();
    json.addProperty("version", Version.NUMBER);
    json.addProperty("node", node);
    json.addProperty("bootstrap", bootstrap);
    json.addProperty("sample", sample);
    JsonArray array = new JsonArray();
    for (Model model : models) {
      JsonObject one = new JsonObject();
      one.addProperty("name", model.name());
      model.puzzle().ifPresent(puzzle -> one.addProperty("puzzle", puzzle.name()));
      one.addProperty("h_cycles", model.config().hCycles());
      one.addProperty("l_cycles", model.config().lCycles());
      array.add(one);
    }
    json.add("models", array);
    return json;
  }

  /** Traces sent to a collector since the start. */
  public long exported() {
    return export == null ? 0 : export.sent();
  }

  /** Traces that no collector took. */
  public long givenUp() {
    return export == null ? 0 : export.failed();
  }

  public HttpRoute routes() {
    return routes;
  }

  @Override
  public void close() {
    if (export != null) {
      export.close();
    }
    streams.close();
    readers.shutdownNow();
    index.close();
  }
}
