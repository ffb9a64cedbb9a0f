package hrm.cluster.settings;

import akka.actor.typed.ActorSystem;
import akka.management.cluster.bootstrap.ClusterBootstrap;
import akka.management.javadsl.AkkaManagement;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import hrm.cluster.cli.Allowed;
import java.util.Map;

/** What {@code hrm.bootstrap} says; every key is explained in bootstrap.conf. */
public record BootstrapSettings(
    String method, String service, int requiredContacts, String host, int port) {
  private static final String KUBERNETES = "kubernetes";

  public BootstrapSettings {
    Allowed.require(
        method.matches("seeds|kubernetes"),
        "hrm.bootstrap.method (HRM_BOOTSTRAP)",
        method,
        "seeds or kubernetes");
    Allowed.between("hrm.bootstrap.required-contacts", requiredContacts, 1, 100);
    Allowed.between("hrm.bootstrap.port", port, 1, 65_535);
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
