package hrm.cluster.node;

import static akka.actor.CoordinatedShutdown.unknownReason;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import akka.cluster.MemberStatus;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.Config;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Eventually;
import hrm.cluster.tls.Authority;
import hrm.cluster.tls.TlsSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Who may join a cluster whose nodes speak TLS, over Akka's transport as a node sets it up. */
@Timeout(120)
class TlsJoinIT {
  private static final String PATIENT = "60s";
  private static final String HOST = "127.0.0.1";
  private static final Instant NOW = Instant.now();
  private static final Instant LATER = NOW.plus(Duration.ofDays(1));

  private static Authority authority;
  private static Authority.Identity seedIdentity;

  @TempDir Path folder;
  private final List<Running> systems = new ArrayList<>();
  private ActorSystem<?> seed;

  private record Running(ActorSystem<?> system, CompletableFuture<Done> end) {
    void awaitEnd() throws Exception {
      end.get(60, TimeUnit.SECONDS);
    }
  }

  private static Instant minutesAgo(int minutes) {
    return NOW.minus(Duration.ofMinutes(minutes));
  }

  @BeforeAll
  static void certify() {
    authority = Authority.create("hrm-ca", minutesAgo(60), LATER);
    seedIdentity = authority.issue(HOST, minutesAgo(60), LATER);
  }

  @BeforeEach
  void startSeed() throws Exception {
    seed = start(tls("seed", seedIdentity, authority), List.of(), PATIENT).system();
    Cluster cluster = Cluster.get(seed);
    cluster.manager().tell(Join.create(cluster.selfMember().address()));
    awaitUp(seed);
  }

  @AfterEach
  void end() throws Exception {
    systems.forEach(running -> CoordinatedShutdown.get(running.system).runAll(unknownReason()));
    for (Running running : systems) {
      running.awaitEnd();
    }
  }

  private TlsSettings tls(String name, Authority.Identity identity, Authority trusted)
      throws IOException {
    Path at = folder.resolve(name);
    identity.write(at, trusted.certificate());
    return new TlsSettings(
        true,
        at.resolve("ca.crt").toString(),
        at.resolve("tls.crt").toString(),
        at.resolve("tls.key").toString(),
        Duration.ofSeconds(1));
  }

  /** A node's transport and cluster, with nothing on it; one that cannot join ends. */
  /**
   * @param patience after which it ends if it could not join
   */
  private Running start(TlsSettings tls, List<String> seeds, String patience) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("akka.cluster.seed-nodes", seeds);
    settings.put("akka.cluster.shutdown-after-unsuccessful-join-seed-nodes", patience);
    settings.put("akka.cluster.retry-unsuccessful-join-after", "1s");
    settings.put("akka.remote.artery.canonical.hostname", HOST);
    Config config = tls.transport().withFallback(new ConfigOptions().load(settings));
    ActorSystem<?> system = ActorSystem.create(Behaviors.empty(), "hrm", config);
    Running running = new Running(system, SystemEnd.of(system).toCompletableFuture());
    systems.add(running);
    return running;
  }

  private static void awaitUp(ActorSystem<?> system) throws Exception {
    Cluster cluster = Cluster.get(system);
    Eventually.holds(
        () -> cluster.selfMember().status().equals(MemberStatus.up()),
        () -> "not up: " + cluster.selfMember());
  }

  private static int members(ActorSystem<?> system) {
    return Members.byStatus(Cluster.get(system)).values().stream().mapToInt(count -> count).sum();
  }

  private String seedAddress() {
    return Cluster.get(seed).selfMember().address().toString();
  }

  @Test
  void certificateOfTheSameAuthority_joins() throws Exception {
    TlsSettings tls = tls("b", authority.issue(HOST, minutesAgo(1), LATER), authority);
    ActorSystem<?> other = start(tls, List.of(seedAddress()), PATIENT).system();
    awaitUp(other);
    assertEquals(2, members(other));
  }

  /** All at once: each takes seconds to give up. */
  @Test
  void strangers_areRefused() throws Exception {
    Authority other = Authority.create("hrm-ca", minutesAgo(1), LATER);
    Map<String, TlsSettings> strangers = new TreeMap<>();
    strangers.put("no TLS", new TlsSettings(false, "", "", "", Duration.ofSeconds(1)));
    strangers.put(
        "expired", tls("a", authority.issue(HOST, minutesAgo(60), minutesAgo(1)), authority));
    strangers.put("another authority's", tls("b", other.issue(HOST, minutesAgo(1), LATER), other));
    strangers.put(
        "another authority's, trusting ours",
        tls("c", other.issue(HOST, minutesAgo(1), LATER), authority));
    strangers.put(
        "another host's name",
        tls("d", authority.issue("other.example", minutesAgo(1), LATER), authority));
    strangers.put(
        "another cluster's common name",
        tls("e", authority.issue("other", "other.example", minutesAgo(1), LATER), authority));
    Map<String, Running> running = new TreeMap<>();
    for (String name : strangers.keySet()) {
      running.put(name, start(strangers.get(name), List.of(seedAddress()), "5s"));
    }
    for (String name : running.keySet()) {
      assertDoesNotThrow(running.get(name)::awaitEnd, name);
    }
    assertEquals(1, members(seed));
  }

  @Test
  void clientWithoutACertificate_isCutOff_andTlsIs13() throws Exception {
    KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
    trusted.load(null, null);
    trusted.setCertificateEntry("ca", authority.certificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    int port = Cluster.get(seed).selfMember().address().getPort().get();
    try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(HOST, port)) {
      socket.setSoTimeout(20_000);
      socket.startHandshake();
      assertEquals("TLSv1.3", socket.getSession().getProtocol());
      X509Certificate shown = (X509Certificate) socket.getSession().getPeerCertificates()[0];
      assertEquals(seedIdentity.certificate(), shown);
      assertThrows(SSLException.class, () -> socket.getInputStream().read());
    }
    try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(HOST, port)) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      assertThrows(IOException.class, socket::startHandshake);
    }
    assertTrue(Cluster.get(seed).selfMember().status().equals(MemberStatus.up()));
    assertFalse(seed.getWhenTerminated().toCompletableFuture().isDone());
  }
}
