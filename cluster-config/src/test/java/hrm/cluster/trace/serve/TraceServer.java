package hrm.cluster.trace.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;

import akka.actor.typed.ActorSystem;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import hrm.cluster.http.HttpEndpoint;
import hrm.cluster.node.TestSystem;
import hrm.cluster.settings.HttpSettings;
import hrm.cluster.trace.SyntheticTrace;
import hrm.gateway.JobSummary.State;
import hrm.model.Backends;
import hrm.model.HrmConfig;
import hrm.model.Model;
import hrm.model.Weights;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The trace API and a page of a few files over real HTTP on loopback, anew for each test, with
 * traces that are made up. All tests share one actor system.
 */
final class TraceServer implements BeforeEachCallback, AfterEachCallback {
  static final String EVIL = "<script>alert(1)</script>/../%2f\u001b[31m\n\"' ü";
  private static final String ARCH =
      """
      {"seq_len": 16, "vocab_size": 6, "puzzle_emb_ndim": 0, "hidden_size": 32, "num_heads": 4,
       "H_layers": 1, "L_layers": 1, "halt_max_steps": 4, "mlp_t": true, "pos_encodings": "none",
       "H_cycles": 2, "L_cycles": 2, "puzzle": "sudoku-4x4"}
      """;
  static final Model MODEL =
      new Model("m", HrmConfig.parse(ARCH), Weights.random(HrmConfig.parse(ARCH), 7), "sha");

  /** Ends when the last test of all has run. */
  private static final class Shared implements AutoCloseable {
    private final ActorSystem<Void> system = TestSystem.create();

    @Override
    public void close() {
      system.terminate();
    }
  }

  /** The jobs "good" and {@link #EVIL}, and what a test adds. */
  final SyntheticTrace.Memory traces = new SyntheticTrace.Memory();

  /** What the node has loaded. */
  List<Model> models = List.of(MODEL);

  private final ExecutorService readers = Executors.newFixedThreadPool(2);
  private final Supplier<Path> classes;
  private ActorSystem<Void> system;
  private TraceStreams streams;
  private HttpEndpoint endpoint;

  /**
   * @param classes an empty folder, for the page's files
   */
  TraceServer(Supplier<Path> classes) {
    this.classes = classes;
  }

  @Override
  public void beforeEach(ExtensionContext context) throws Exception {
    system =
        context
            .getRoot()
            .getStore(ExtensionContext.Namespace.create(TraceServer.class))
            .getOrComputeIfAbsent(Shared.class, key -> new Shared(), Shared.class)
            .system;
    write("hrm/page/index.html", "<!doctype html><title>t</title>");
    write("hrm/page/main.js", "export const a = 1;");
    write("outside.js", "no file of the page");
    write("hrm/page/secret.conf", "no type that is served");
    write("META-INF/maven/org.webjars.npm/preact/pom.properties", "version=1.2.3\n");
    write("META-INF/resources/webjars/preact/1.2.3/dist/preact.module.js", "export const b = 2;");
    write("META-INF/resources/webjars/preact/1.2.3/package.json", "{}");
    traces.put("good", SyntheticTrace.solved("good").events(), State.HALTED);
    traces.put(EVIL, SyntheticTrace.solved(EVIL).events(), State.HALTED);
    open("");
  }

  private void write(String name, String text) throws IOException {
    Path file = classes.get().resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  /** Begins anew, for those who know the token. */
  void open(String token) throws IOException {
    close();
    streams = new TraceStreams(system, traces, readers);
    URL[] page = {classes.get().toUri().toURL()};
    endpoint =
        new HttpEndpoint(
            system,
            new HttpSettings("127.0.0.1", "0", "off", token),
            List.of(
                new TraceRoutes(
                    traces,
                    () -> NodeTraces.about("n", "b:1", 0.5, models),
                    new Rethinking(() -> models, () -> Backends.named("reference", 1)),
                    streams,
                    readers),
                new PageFiles(new URLClassLoader(page, null))));
  }

  private void close() {
    if (endpoint != null) {
      streams.close();
      endpoint.close();
    }
  }

  @Override
  public void afterEach(ExtensionContext context) {
    close();
    readers.shutdown();
  }

  int viewers() {
    return streams.viewers();
  }

  Socket connect() throws IOException {
    String[] address = endpoint.address().split(":");
    return new Socket(address[0], Integer.parseInt(address[1]));
  }

  <T> HttpResponse<T> get(BodyHandler<T> body, String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + endpoint.address() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return HttpClient.newHttpClient().send(request.build(), body);
  }

  HttpResponse<String> get(String path, String... headers) throws Exception {
    return get(BodyHandlers.ofString(), path, headers);
  }

  JsonObject json(String path) throws Exception {
    HttpResponse<String> response = get(path);
    assertEquals(200, response.statusCode(), response.body());
    return JsonParser.parseString(response.body()).getAsJsonObject();
  }

  /** What is sent and answered as it stands, for what HTTP clients refuse to send. */
  String raw(String request) throws IOException {
    try (Socket socket = connect()) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
