package hrm.cluster.tls;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import hrm.cluster.cli.Allowed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What {@code hrm.tls} says; every key is explained in tls.conf. */
public record TlsSettings(
    boolean enabled, String caFile, String certificateFile, String keyFile, Duration reload) {
  public TlsSettings {
    Allowed.between("hrm.tls.reload", reload, Duration.ofSeconds(1), Duration.ofHours(1));
    if (enabled) {
      requireFile("ca-file", caFile);
      requireFile("certificate-file", certificateFile);
      requireFile("key-file", keyFile);
    }
  }

  private static void requireFile(String key, String value) {
    if (value.isBlank()) {
      throw new IllegalArgumentException(
          "hrm.tls.%s is empty and hrm.tls.enabled (HRM_TLS) is on: name a PEM file; hrm certs makes them"
              .formatted(key));
    }
  }

  public static TlsSettings from(Config root) {
    Config config = root.getConfig("hrm.tls");
    return new TlsSettings(
        config.getBoolean("enabled"),
        config.getString("ca-file"),
        config.getString("certificate-file"),
        config.getString("key-file"),
        config.getDuration("reload"));
  }

  /** As Akka's transport is told. */
  public Config transport() {
    if (!enabled) {
      return ConfigFactory.empty();
    }
    Map<String, Object> keys =
        Map.of(
            "ca-cert-file", Path.of(caFile).toAbsolutePath().toString(),
            "cert-file", Path.of(certificateFile).toAbsolutePath().toString(),
            "key-file", Path.of(keyFile).toAbsolutePath().toString(),
            "protocol", "TLSv1.3",
            "enabled-algorithms", List.of("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"),
            "ssl-context-cache-ttl", reload);
    return ConfigFactory.parseMap(
        Map.of(
            "akka.remote.artery.transport",
            "tls-tcp",
            "akka.remote.artery.ssl.ssl-engine-provider",
            TlsEngines.class.getName(),
            "akka.remote.artery.ssl.rotating-keys-engine",
            keys));
  }
}
