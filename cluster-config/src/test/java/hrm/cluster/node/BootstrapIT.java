package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import hrm.cluster.cli.Eventually;
import hrm.cluster.cli.Home;
import hrm.cluster.local.Ports;
import hrm.cluster.local.Programs;
import hrm.cluster.tls.Authority;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three nodes find each other by what a Kubernetes API says of its pods. The API is the test's own,
 * with the one answer that the nodes ask for; the pods' addresses are of this machine.
 */
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a pipe is not interrupted
class BootstrapIT {
  private static final int NODES = 3;
  private static final String NAMESPACE = "puzzles";

  @TempDir Path folder;
  private final List<Process> processes = new ArrayList<>();
  private final List<String> asked = java.util.Collections.synchronizedList(new ArrayList<>());
  private HttpsServer api;

  @AfterEach
  void end() {
    System.clearProperty("hrm.home");
    processes.forEach(Process::destroyForcibly);
    if (api != null) {
      api.stop(0);
    }
  }

  private static String address(int pod) {
    return "127.0.3." + (pod + 1);
  }

  private static String pods(int management) {
    return IntStream.range(0, NODES)
        .mapToObj(
            pod ->
                """
                {"metadata": {"name": "hrm-%d", "labels": {"app": "hrm"}},
                 "spec": {"containers": [{"name": "hrm", "ports": [
                   {"name": "remoting", "containerPort": 2551},
                   {"name": "management", "containerPort": %d}]}]},
                 "status": {"phase": "Running", "podIP": "%s", "containerStatuses": [
                   {"name": "hrm", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]}}
                """
                    .formatted(pod, management, address(pod)))
        .collect(Collectors.joining(",", "{\"kind\": \"PodList\", \"items\": [", "]}"));
  }

  private void startApi(int management) throws Exception {
    Instant now = Instant.now();
    Authority authority =
        Authority.create("kubernetes", now.minusSeconds(60), now.plusSeconds(900));
    authority.write(folder);
    Authority.Identity identity =
        authority.issue("127.0.0.1", now.minusSeconds(60), now.plusSeconds(900));
    KeyStore keys = KeyStore.getInstance(KeyStore.getDefaultType());
    keys.load(null, null);
    keys.setKeyEntry(
        "api", identity.key(), new char[0], new Certificate[] {identity.certificate()});
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    api = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    api.setHttpsConfigurator(new HttpsConfigurator(context));
    byte[] answer = pods(management).getBytes(StandardCharsets.UTF_8);
    api.createContext(
        "/",
        exchange -> {
          asked.add(
              exchange.getRequestURI()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Authorization"));
          exchange.getResponseHeaders().set("Content-Type", "application/json");
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    api.start();
    Files.writeString(folder.resolve("token"), "service-account");
    Files.writeString(folder.resolve("namespace"), NAMESPACE);
  }

  private void start(int pod, int remoting, int management) throws IOException {
    Path model = Path.of("../models/sudoku-4x4").toAbsolutePath().normalize();
    List<String> command =
        new Programs(Home.get(), false)
            .node(
                List.of(),
                List.of(
                    "hrm.bootstrap.method=kubernetes",
                    "hrm.bootstrap.host=" + address(pod),
                    "hrm.bootstrap.port=" + management,
                    "hrm.node.roles=planner,worker",
                    "hrm.node.name=hrm-" + pod,
                    "hrm.model.backend=simulated",
                    "hrm.model.path=" + model,
                    "hrm.http.host=" + address(pod),
                    "akka.remote.artery.canonical.hostname=" + address(pod),
                    "akka.remote.artery.canonical.port=" + remoting,
                    "akka.discovery.kubernetes-api.api-ca-path=" + folder.resolve("ca.crt"),
                    "akka.discovery.kubernetes-api.api-token-path=" + folder.resolve("token"),
                    "akka.discovery.kubernetes-api.pod-namespace-path="
                        + folder.resolve("namespace")));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(folder.resolve("log-" + pod).toFile());
    builder.environment().put("KUBERNETES_SERVICE_HOST", "127.0.0.1");
    builder
        .environment()
        .put("KUBERNETES_SERVICE_PORT", Integer.toString(api.getAddress().getPort()));
    processes.add(builder.start());
  }

  private String ready(int pod) throws IOException {
    String line = processes.get(pod).inputReader().readLine();
    assertTrue(
        line != null && line.startsWith("ready"),
        () -> {
          try {
            return Files.readString(folder.resolve("log-" + pod));
          } catch (IOException e) {
            return e.toString();
          }
        });
    return line.replaceAll(".* http=(\\S+) .*", "$1");
  }

  @Test
  void threePods_becomeOneCluster() throws Exception {
    System.setProperty("hrm.home", Path.of("..").toAbsolutePath().normalize().toString());
    int management = Ports.pair();
    int remoting = Ports.pair();
    startApi(management);
    for (int pod = 0; pod < NODES; pod++) {
      start(pod, remoting, management);
    }
    for (int pod = 0; pod < NODES; pod++) {
      String http = ready(pod);
      Eventually.holds(
          () -> Scrape.of(http).values().get("hrm_cluster_members{status=\"up\"}") == NODES,
          () -> http + " does not see " + NODES + " members");
    }
    assertTrue(
        asked.stream()
            .allMatch(
                each ->
                    each.equals(
                        "/api/v1/namespaces/puzzles/pods?labelSelector=app%3Dhrm Bearer"
                            + " service-account")),
        asked.get(0));
    assertReadOnly(management);
  }

  /** What has no token takes no orders: only the members are told there. */
  private static void assertReadOnly(int management) throws Exception {
    HttpClient client = HttpClient.newHttpClient();
    URI base = URI.create("http://" + address(0) + ":" + management);
    HttpRequest seeds = HttpRequest.newBuilder(base.resolve("/bootstrap/seed-nodes")).build();
    assertEquals(200, client.send(seeds, HttpResponse.BodyHandlers.discarding()).statusCode());
    HttpRequest order = HttpRequest.newBuilder(base.resolve("/cluster/members/x")).DELETE().build();
    assertTrue(client.send(order, HttpResponse.BodyHandlers.discarding()).statusCode() >= 400);
  }
}
