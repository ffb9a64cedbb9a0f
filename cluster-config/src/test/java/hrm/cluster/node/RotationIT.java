package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.chaos.Fleet;
import hrm.cluster.chaos.Fleet.Spec;
import hrm.cluster.jobs.Load;
import hrm.cluster.local.TinyFleet;
import hrm.cluster.settings.Role;
import hrm.cluster.tls.Authority;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Certificates are replaced while jobs stream between two nodes over TLS. */
@Timeout(400)
class RotationIT {
  private static final Instant NOW = Instant.now();

  @RegisterExtension final TinyFleet tiny = new TinyFleet();

  @TempDir Path folder;
  private Fleet fleet;
  private Load load;

  private static void issue(Authority authority, Path to, String host) throws IOException {
    authority
        .issue(host, NOW.minusSeconds(60), NOW.plus(Duration.ofDays(1)))
        .write(to, authority.certificate());
  }

  private Spec spec(String name, Set<Role> roles) {
    Path at = folder.resolve(name);
    return new Spec(
        name,
        roles,
        List.of(
            "hrm.tls.enabled=on",
            "hrm.tls.ca-file=" + at.resolve("ca.crt"),
            "hrm.tls.certificate-file=" + at.resolve("tls.crt"),
            "hrm.tls.key-file=" + at.resolve("tls.key"),
            "hrm.tls.reload=1s"));
  }

  @Test
  void certificatesChange_jobsGoOn_andTheNewOnesAreShown() throws Exception {
    Authority authority =
        Authority.create("hrm-ca", NOW.minusSeconds(60), NOW.plus(Duration.ofDays(1)));
    List<Spec> specs =
        List.of(
            spec("door", Set.of(Role.GATEWAY)), spec("head", Set.of(Role.PLANNER, Role.WORKER)));
    fleet = tiny.of(folder.resolve("fleet"), specs);
    for (Spec spec : specs) {
      issue(authority, folder.resolve(spec.name()), fleet.address(spec.name()));
    }
    fleet.startAll();
    load = tiny.load(4);
    load.untilAnswered(100);
    BigInteger before = shown(authority, "door");
    for (Spec spec : specs) {
      issue(authority, folder.resolve(spec.name()), fleet.address(spec.name()));
    }
    load.until(() -> !before.equals(shown(authority, "door")));
    load.untilAnswered(100);
    // A node that comes now shakes hands with new certificates only.
    CompletableFuture<Integer> stopped = CompletableFuture.supplyAsync(() -> stop("head"));
    load.until(stopped::isDone);
    assertEquals(0, stopped.join());
    fleet.start("head");
    load.until(() -> fleet.isReady("head") || !fleet.isAlive("head"));
    assertTrue(fleet.isReady("head"), fleet.lastWords("head"));
    load.untilAnswered(100);
    load.assertExactlyOnce();
    assertNotEquals(before, shown(authority, "door"));
  }

  private int stop(String node) {
    try {
      return fleet.stop(node, Duration.ofSeconds(50));
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Serial number of the certificate that a node shows now. */
  private BigInteger shown(Authority authority, String node) {
    try {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      trusted.setCertificateEntry("ca", authority.certificate());
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      try (SSLSocket socket =
          (SSLSocket) context.getSocketFactory().createSocket(fleet.address(node), fleet.port())) {
        socket.startHandshake();
        return ((X509Certificate) socket.getSession().getPeerCertificates()[0]).getSerialNumber();
      }
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
