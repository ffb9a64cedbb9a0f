package hrm.cluster.settings;

import com.typesafe.config.Config;
import hrm.cluster.cli.Allowed;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * What {@code hrm.trace} says; every key is explained in trace.conf.
 *
 * @param otlp where finished traces go; empty when they go nowhere
 */
public record TraceSettings(boolean serve, Optional<URI> otlp, Duration otlpTimeout) {
  public TraceSettings {
    otlp.ifPresent(TraceSettings::check);
    Allowed.between(
        "hrm.trace.otlp-timeout", otlpTimeout, Duration.ofMillis(100), Duration.ofMinutes(5));
  }

  private static void check(URI endpoint) {
    boolean http = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
    if (!http || endpoint.getHost() == null || endpoint.getUserInfo() != null) {
      throw new IllegalArgumentException(
          "hrm.trace.otlp-endpoint (HRM_TRACE_OTLP_ENDPOINT): must be http://HOST:PORT or"
              + " https://HOST:PORT, without a user");
    }
  }

  public static TraceSettings from(Config root) {
    Config config = root.getConfig("hrm.trace");
    String endpoint = config.getString("otlp-endpoint").strip();
    return new TraceSettings(
        config.getBoolean("serve"),
        endpoint.isEmpty() ? Optional.empty() : Optional.of(uri(endpoint)),
        config.getDuration("otlp-timeout"));
  }

  private static URI uri(String endpoint) {
    try {
      return URI.create(endpoint);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "hrm.trace.otlp-endpoint (HRM_TRACE_OTLP_ENDPOINT) is no URI; use http://HOST:PORT");
    }
  }

  /** The OTLP/HTTP path for traces, unless the endpoint names one. */
  public Optional<URI> otlpTraces() {
    return otlp.map(
        uri ->
            uri.getPath() == null || uri.getPath().isEmpty() || uri.getPath().equals("/")
                ? uri.resolve("/v1/traces")
                : uri);
  }
}
