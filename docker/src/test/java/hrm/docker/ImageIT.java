package hrm.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * There is no container engine where this runs: each Dockerfile's steps are carried out by hand in
 * an empty folder that stands for the image's root, and what they leave is started as a plain
 * process, read-only, under the image's user. The build stage's Maven build is the one that this
 * test is part of.
 */
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a pipe is not interrupted
class ImageIT {
  private static final String BROKER =
      Path.of("../gateway/broker/target").toAbsolutePath().normalize()
          + "/hrm-broker.jar:"
          + Path.of("../gateway/broker/target/lib").toAbsolutePath().normalize()
          + "/*";
  private static final String MAVEN = "mvn -B -ntp -DskipTests";

  @TempDir Path folder;
  private Path root;
  private final List<Process> processes = new ArrayList<>();

  @BeforeEach
  void open() throws IOException {
    root = Files.createDirectory(folder.resolve("root"));
    for (Path each : List.of(folder, root)) { // the image's user has to get through
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  @AfterEach
  void end() throws Exception {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
    run(List.of("chmod", "-R", "u+w", root.toString()), Map.of());
  }

  private static void run(List<String> command, Map<String, String> environment) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), () -> command + ": " + said);
  }

  /** A path of the image, in the folder that stands for its root. */
  private String here(String text) {
    return text.replace("/opt/hrm", root + "/opt/hrm").replace("/tmp/javacpp", folder + "/tmp");
  }

  private void build(Dockerfile dockerfile) throws Exception {
    List<String> runs = dockerfile.build().all("RUN").toList();
    assertEquals(2, runs.size());
    assertTrue(runs.get(0).startsWith(MAVEN) && runs.get(0).endsWith(" package"));
    assertEquals("/src", dockerfile.build().only("WORKDIR"));
    Process unpack =
        new ProcessBuilder("sh", "-c", here(runs.get(1)))
            .directory(Path.of("..").toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(unpack.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, unpack.waitFor(), said);
    List<String> copies = dockerfile.last().all("COPY").toList();
    assertTrue(copies.contains("--from=build /opt/hrm /opt/hrm"), copies.toString());
    run(List.of("chmod", "-R", "a-w,a+rX", root.toString()), Map.of());
  }

  private Process start(List<String> command, Map<String, String> environment) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.redirectError(folder.resolve("log-" + processes.size()).toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("HRM_"));
    builder.environment().putAll(environment);
    builder.directory(root.toFile());
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private String ready(Process process, int log) throws IOException {
    BufferedReader out = process.inputReader();
    String line = out.readLine();
    assertTrue(
        line != null && line.startsWith("ready"),
        () -> line + "\n" + read(folder.resolve("log-" + log)));
    return line;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  /** The first of two, the broker's; below those that outgoing connections are given. */
  private static int freePorts() throws IOException {
    for (int attempt = 0; attempt < 50; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(10_000, 32_000);
      try (ServerSocket first = new ServerSocket(port);
          ServerSocket second = new ServerSocket(port + 1)) {
        return first.getLocalPort();
      } catch (IOException e) {
        continue; // one of them is taken
      }
    }
    throw new IOException("no two neighbouring ports are free");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Dockerfile", "Dockerfile.cuda"})
  void theImage_servesReadOnlyUnderItsUser_andEndsOnItsStopSignal(String name) throws Exception {
    Dockerfile dockerfile = Dockerfile.read(Path.of(name));
    build(dockerfile);
    Path tmp = Files.createDirectory(folder.resolve("tmp"));
    Files.setPosixFilePermissions(tmp, PosixFilePermissions.fromString("rwxrwxrwx"));

    int port = freePorts();
    Path data = folder.resolve("kafka");
    Process broker =
        start(
            List.of(
                "java",
                "-Xmx256m",
                "-cp",
                BROKER,
                "hrm.broker.BrokerMain",
                "--dir",
                data.toString(),
                "--port",
                Integer.toString(port)),
            Map.of());
    ready(broker, 0);

    Dockerfile.Stage image = dockerfile.last();
    assertEquals("10001:10001", image.only("USER"));
    List<String> command = new ArrayList<>(asUser());
    for (String word : image.exec("ENTRYPOINT")) {
      command.add(here(word));
    }
    command.replaceAll(word -> word.equals("/opt/java/openjdk/bin/java") ? java() : word);
    command.replaceAll(word -> word.equals("java") ? java() : word);
    command.addAll(image.exec("CMD"));
    Process node =
        start(
            command,
            Map.of(
                "HRM_KAFKA_BOOTSTRAP", "127.0.0.1:" + port,
                "HRM_NODE_NAME", "image",
                "HRM_HTTP_PORT", "0",
                "HRM_LOG", "json",
                "HRM_THREADS", "1"));
    String line = ready(node, 1);
    assertTrue(line.contains("models=sudoku-4x4,sudoku-6x6,sudoku-9x9"), line);
    assertEquals(processUser(), owner(node));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (get(line, "/ready") != 200) { // it joins its consumer group in its own time
      assertTrue(System.nanoTime() - deadline < 0, "not ready after a minute");
      LockSupport.parkNanos(50_000_000);
    }
    assertEquals(200, get(line, "/alive"));
    assertEquals("SIGTERM", image.only("STOPSIGNAL"));
    node.destroy();
    assertTrue(node.waitFor(50, TimeUnit.SECONDS), "not stopped within its bound");
    assertEquals(0, node.exitValue());
    try (Stream<String> log = Files.lines(folder.resolve("log-1"))) {
      log.forEach(text -> assertTrue(text.startsWith("{"), text));
    }
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static boolean isRoot() throws IOException {
    return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid") == 0;
  }

  /** The image's user; who is not root cannot become somebody else, and has no rights either. */
  private static List<String> asUser() throws IOException {
    return isRoot()
        ? List.of("setpriv", "--reuid=10001", "--regid=10001", "--clear-groups", "--no-new-privs")
        : List.of();
  }

  private static int processUser() throws IOException {
    return isRoot() ? 10001 : (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
  }

  private static int owner(Process process) throws IOException {
    return (int) Files.getAttribute(Path.of("/proc/" + process.pid()), "unix:uid");
  }

  private static int get(String ready, String path) throws Exception {
    String http = ready.replaceAll(".* http=(\\S+) .*", "$1");
    HttpRequest request = HttpRequest.newBuilder(URI.create("http://" + http + path)).build();
    return HttpClient.newHttpClient()
        .send(request, HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }
}
