package hrm.cluster.node;

import akka.actor.BootstrapSetup;
import akka.actor.setup.ActorSystemSetup;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.remote.RemoteTransportException;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.Version;
import hrm.cluster.settings.NodeSettings;
import hrm.cluster.settings.Role;
import hrm.cluster.settings.Settings;
import java.util.Map;

/** A node's actor system, with what Akka must be told of our settings. */
final class NodeSystem {
  private NodeSystem() {}

  /**
   * @throws CommandException when the node's address cannot be had
   */
  static <T> ActorSystem<T> start(Behavior<T> guardian, Settings settings, Config config) {
    try {
      return ActorSystem.create(
          guardian,
          "hrm",
          ActorSystemSetup.create(BootstrapSetup.create(akka(settings).withFallback(config))));
    } catch (RemoteTransportException e) {
      throw CommandException.wrongInput(
          "akka.remote.artery.canonical (HRM_HOST, HRM_PORT): %s; choose an address of this machine and a free port, or port 0"
              .formatted(e.getMessage()));
    }
  }

  private static Config akka(Settings settings) {
    NodeSettings node = settings.node();
    Config phases =
        ConfigFactory.parseMap(
            Map.of(
                "service-requests-done.timeout", Departure.patience(settings),
                "service-stop.timeout", Departure.patience(settings),
                "before-cluster-shutdown.timeout", node.stopTimeout()));
    return ConfigFactory.parseMap(
            Map.of(
                "akka.cluster.roles", node.roles().stream().map(Role::toString).toList(),
                "akka.cluster.seed-nodes", node.seedNodes(),
                "akka.cluster.app-version", Version.NUMBER))
        .withFallback(phases.atPath("akka.coordinated-shutdown.phases"))
        .withFallback(settings.tls().transport())
        .withFallback(settings.bootstrap().management());
  }
}
