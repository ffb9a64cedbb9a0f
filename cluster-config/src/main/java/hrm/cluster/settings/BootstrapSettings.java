package hrm.cluster.settings;

import akka.actor.typed.ActorSystem;
import akka.management.cluster.bootstrap.ClusterBootstrap;
import akka.management.javadsl.AkkaManagement;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.Map;

/** What {@code hrm.bootstrap} says; every key is explained in bootstrap.conf. */
public record BootstrapSettings(
    String method, String service, int requiredContacts, String host, int port) {
  private static final String KUBERNETES = "kubernetes";

  public BootstrapSettings {
    if (!method.matches("seeds|kubernetes")) {
      throw new IllegalArgumentException(
          "hrm.bootstrap.method (HRM_BOOTSTRAP) = %s: must be seeds or kubernetes"
              .formatted(method));
    }
    if (requiredContacts < 1 || requiredContacts > 100) {
      throw new IllegalArgumentException(
          "hrm.bootstrap.required-contacts = %d: must be from 1 to 100"
              .formatted(requiredContacts));
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException(
          "hrm.bootstrap.port = %d: must be from 1 to 65535".formatted(port));
    }
    if (method.equals(KUBERNETES) && host.isEmpty()) {
      throw new IllegalArgumentException(
          "hrm.bootstrap.host (HRM_BOOTSTRAP_HOST) is empty: set it to the pod's IP address");
    }
  }

  static BootstrapSettings from(Config root) {
    Config config = root.getConfig("hrm.bootstrap");
    return new BootstrapSettings(
        config.getString("method"),
        config.getString("service"),
        config.getInt("required-contacts"),
        config.getString("host"),
        config.getInt("port"));
  }

  public boolean kubernetes() {
    return method.equals(KUBERNETES);
  }

  /** As Akka Management is told. */
  public Config management() {
    if (!kubernetes()) {
      return ConfigFactory.empty();
    }
    Map<String, Object> discovery =
        Map.of(
            "discovery-method",
            "kubernetes-api",
            "service-name",
            service,
            "port-name",
            "management",
            "required-contact-point-nr",
            requiredContacts);
    return ConfigFactory.parseMap(
        Map.of(
            "akka.management.cluster.bootstrap.contact-point-discovery",
            discovery,
            "akka.management.http.hostname",
            host,
            "akka.management.http.port",
            port,
            "akka.management.http.route-providers-read-only",
            true,
            "akka.discovery.kubernetes-api.use-raw-ip",
            true));
  }

  /** Begins to look for the others, and joins them. */
  public void start(ActorSystem<?> system) throws Exception {
    AkkaManagement.get(system).start().toCompletableFuture().get();
    ClusterBootstrap.get(system).start();
  }
}
