package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.Main;
import hrm.cluster.cli.Eventually;
import hrm.cluster.cli.Home;
import hrm.cluster.local.Child;
import hrm.cluster.local.Ports;
import hrm.cluster.local.Programs;
import hrm.cluster.local.Tether;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Secrets are planted wherever they may stand, and looked for in all that is ever said. */
@Timeout(300)
class SecretsIT {
  private static final String TOKEN = "hunter2-token-42";
  private static final String PASSWORD = "hunter2-password-43";
  private static final Duration START = Duration.ofSeconds(120);

  @TempDir Path folder;
  private final List<Process> processes = new ArrayList<>();
  private Child broker;
  private Path properties;

  @BeforeEach
  void plant() throws IOException {
    System.setProperty("hrm.home", Path.of("..").toAbsolutePath().normalize().toString());
    properties =
        Files.writeString(
            folder.resolve("kafka.properties"),
            "sasl.jaas.config=org.example.Login required password=\"%s\";\nssl.key.password=%s\n"
                .formatted(PASSWORD, PASSWORD));
  }

  @AfterEach
  void end() {
    System.clearProperty("hrm.home");
    processes.forEach(Process::destroyForcibly);
    if (broker != null) {
      broker.close();
    }
  }

  private Process start(String name, Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            new Programs(Home.get(), false).main(List.of(), List.of(), List.of(arguments)));
    command.remove(Tether.class.getName());
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(name).toFile());
    builder.environment().keySet().removeIf(each -> each.startsWith("HRM_"));
    builder
        .environment()
        .putAll(
            Map.of(
                "HRM_HTTP_TOKEN", TOKEN,
                "HRM_KAFKA_PROPERTIES_FILE", properties.toString(),
                "HRM_HTTP_PORT", "0",
                "HRM_DEBUG", "1",
                "HRM_LOG", "debug"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private String run(String name, Map<String, String> environment, String... arguments)
      throws Exception {
    Process process = start(name, environment, arguments);
    assertTrue(process.waitFor(120, TimeUnit.SECONDS), name);
    return said(name);
  }

  private String said(String name) throws IOException {
    return Files.readString(folder.resolve(name), StandardCharsets.UTF_8);
  }

  private static void assertSilent(String said, String more) {
    assertFalse(said.isBlank());
    for (String secret : List.of(TOKEN, PASSWORD, "hunter2")) {
      assertFalse(said.contains(secret), () -> "a secret is in: " + said);
    }
    assertTrue(said.contains(more), said);
  }

  /** What Akka cannot read, it would log; and so would a terminal obey it. */
  private static void sendOddRequests(String http) throws IOException {
    for (String odd :
        List.of(
            "GET /status HTTP/1.1\r\nAuthorization: Bearer hunter2,{\"\\\r\n",
            "GET /status HTTP/1.1\r\nCookie: hrm-pass=hunter2{,;;\u0001\r\n",
            "GET /?token=hunter2{^| HTTP/1.1\r\n",
            "GET /?token=hunter2%zz HTTP/1.1\r\n",
            "GET /?token=hunter2%ff%fe HTTP/1.1\r\n",
            "POST /drain?node=%hunter2 HTTP/1.1\r\n",
            "GET /hunter2\u001b[31m HTTP/1.1\r\n",
            "\u001b[31mhunter2 / HTTP/1.1\r\n",
            "GET / HUNTER/2 hunter2\u001b[31m\r\n")) {
      try (Socket socket = new Socket("127.0.0.1", Integer.parseInt(http.replaceAll(".*:", "")))) {
        socket.setSoTimeout(10_000);
        String request = odd + "Host: 127.0.0.1\r\nConnection: close\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
        String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(answer.startsWith("HTTP/1.1 4") || answer.startsWith("HTTP/1.1 5"), answer);
        assertFalse(answer.contains("hunter2"), answer);
      }
    }
  }

  @Test
  void aServingNode_saysEverythingElse() throws Exception {
    int port = Ports.pair();
    broker =
        Child.start("broker", new Programs(Home.get(), false).broker(folder.resolve("data"), port));
    broker.awaitReady(START);
    Path model = Path.of("../models/sudoku-4x4").toAbsolutePath().normalize();
    Map<String, String> environment =
        Map.of("HRM_KAFKA_BOOTSTRAP", "127.0.0.1:" + port, "HRM_MODEL_PATH", model.toString());
    Process node = start("node", environment, "node");
    Eventually.holds(
        () -> said("node").contains("ready node=") || !node.isAlive(),
        START,
        () -> "the node is not ready");
    String http = said("node").replaceAll("(?s).* http=(\\S+) .*", "$1");
    assertEquals(401, Scrape.get(http, "/metrics", "").statusCode());
    for (String path : List.of("/metrics", "/status", "/cluster", "/nowhere", "/ready")) {
      String body = Scrape.get(http, path, TOKEN).body();
      assertFalse(body.contains("hunter2"), path);
    }
    sendOddRequests(http);
    assertSilent(run("status", environment, "status", "--node", http), "serving");
    assertSilent(run("doctor", environment, "doctor"), "behind a token");
    node.destroy();
    assertTrue(node.waitFor(50, TimeUnit.SECONDS));
    assertEquals(0, node.exitValue());
    assertSilent(said("node"), "hrm.http.token = (set)");
    assertFalse(said("node").contains("\u001b"), "a request wrote on the terminal");
  }

  @Test
  void everythingThatGoesWrong_namesKeysAndFiles() throws Exception {
    Map<String, String> nothing = Map.of();
    assertSilent(
        run("doctor", Map.of("HRM_KAFKA_BOOTSTRAP", "127.0.0.1:1"), "doctor"), "127.0.0.1:1");
    assertSilent(run("token", Map.of("HRM_HTTP_TOKEN", "hunter2,{"), "node"), "hrm.http.token");
    assertSilent(
        run("host", Map.of("HRM_HTTP_TOKEN", "", "HRM_HTTP_HOST", "0.0.0.0"), "node"),
        "set hrm.http.token");
    Files.writeString(properties, "sasl.jaas.config=hunter2 \\u12");
    assertSilent(run("properties", nothing, "node"), properties.toString());
    Path broken = Files.writeString(folder.resolve("broken.conf"), "x = hunter2\" }");
    assertSilent(run("broken", nothing, "node", "--config", broken.toString()), broken + ": 1");
    Path typed = Files.writeString(folder.resolve("typed.conf"), "hrm.http.token = [hunter2]");
    assertSilent(
        run("typed", Map.of("HRM_KAFKA_PROPERTIES_FILE", ""), "node", "--config", typed.toString()),
        "(in hrm.http)");
    Path key = Files.writeString(folder.resolve("tls.key"), "hunter2");
    assertSilent(
        run(
            "tls",
            Map.of(
                "HRM_TLS", "on",
                "HRM_KAFKA_PROPERTIES_FILE", "",
                "HRM_TLS_CA_FILE", key.toString(),
                "HRM_TLS_CERTIFICATE_FILE", key.toString(),
                "HRM_TLS_KEY_FILE", key.toString()),
            "node"),
        "hrm.tls.ca-file");
  }

  @Test
  void help_ofEveryCommand() {
    StringBuilder all = new StringBuilder();
    usages(Main.commandLine(), all);
    assertSilent(all.toString(), "--config");
  }

  private static void usages(CommandLine command, StringBuilder all) {
    all.append(command.getUsageMessage());
    command.getSubcommands().values().forEach(each -> usages(each, all));
  }
}
