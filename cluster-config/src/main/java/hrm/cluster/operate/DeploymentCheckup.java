package hrm.cluster.operate;

import com.typesafe.config.Config;
import hrm.cluster.cli.CommandException;
import hrm.cluster.operate.Checkup.Finding;
import hrm.cluster.settings.HttpSettings;
import hrm.cluster.settings.Settings;
import hrm.cluster.tls.TlsFiles;
import hrm.cluster.tls.TlsSettings;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Whether a node with these settings could start here and find the others. */
final class DeploymentCheckup {
  private static final int CONNECT_MILLIS = 2_000;
  private static final Duration SOON = Duration.ofDays(14);

  private final Config config;

  DeploymentCheckup(Config config) {
    this.config = config;
  }

  List<Finding> all() {
    List<Finding> findings = new ArrayList<>();
    Settings settings;
    try {
      settings = Settings.from(config);
      findings.add(new Finding("settings", true, true, "every one is in its range"));
    } catch (RuntimeException e) {
      findings.add(new Finding("settings", false, true, CommandException.reason(e)));
      return findings; // nothing else of them can be trusted
    }
    findings.add(tmp());
    findings.add(tls(settings.tls()));
    findings.add(http(settings.http()));
    settings.node().seeds().forEach(seed -> findings.add(seed(seed)));
    if (settings.bootstrap().kubernetes()) {
      findings.add(kubernetes());
    }
    return findings;
  }

  /** Native libraries are unpacked and run there. */
  private static Finding tmp() {
    Path folder =
        Path.of(
            System.getProperty(
                "org.bytedeco.javacpp.cachedir", System.getProperty("java.io.tmpdir")));
    try {
      Files.createDirectories(folder);
      Path probe = Files.createTempFile(folder, "hrm-doctor", "");
      boolean runs = probe.toFile().setExecutable(true) && Files.isExecutable(probe);
      Files.delete(probe);
      return new Finding(
          "tmp",
          runs,
          true,
          runs
              ? folder + " takes native libraries"
              : folder + " is mounted noexec; mount it with exec, native libraries run from there");
    } catch (IOException e) {
      return new Finding(
          "tmp", false, true, folder + " cannot be written to; mount a writable folder there");
    }
  }

  private static Finding tls(TlsSettings settings) {
    if (!settings.enabled()) {
      return new Finding(
          "tls",
          false,
          false,
          "off: whoever reaches a node's port can join; set hrm.tls.enabled outside a trusted"
              + " network");
    }
    try {
      Instant now = Instant.now();
      TlsFiles files = TlsFiles.check(settings, now);
      long days = files.left(now).toDays();
      boolean lasts = files.left(now).compareTo(SOON) > 0;
      return new Finding(
          "tls",
          lasts,
          false,
          lasts
              ? "certificates fit, for %d days more".formatted(days)
              : "the first certificate ends in %d days; replace the files, nodes take them up while they run"
                  .formatted(days));
    } catch (CommandException e) {
      return new Finding("tls", false, true, e.getMessage());
    }
  }

  private static Finding http(HttpSettings settings) {
    return new Finding(
        "http",
        true,
        true,
        settings.off()
            ? "off"
            : "%s, port %s, %s"
                .formatted(
                    settings.host(),
                    settings.port(),
                    settings.token().isEmpty() ? "no token: loopback only" : "behind a token"));
  }

  private static Finding seed(String seed) {
    int colon = seed.lastIndexOf(':');
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(
              seed.substring(0, colon), Integer.parseInt(seed.substring(colon + 1))),
          CONNECT_MILLIS);
      return new Finding("seed", true, false, seed + " takes connections");
    } catch (IOException | IllegalArgumentException e) {
      return new Finding(
          "seed",
          false,
          false,
          "%s does not answer (%s); start it, or check name, port and firewall"
              .formatted(seed, e.getClass().getSimpleName()));
    }
  }

  private Finding kubernetes() {
    boolean token =
        Files.isReadable(Path.of(config.getString("akka.discovery.kubernetes-api.api-token-path")))
            && System.getenv("KUBERNETES_SERVICE_HOST") != null;
    return new Finding(
        "pods",
        token,
        true,
        token
            ? "this pod has a service account"
            : "no service account here; run in a pod with docker/k8s/access.yaml, or use seeds");
  }
}
