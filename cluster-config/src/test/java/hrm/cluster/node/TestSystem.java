package hrm.cluster.node;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.ConfigFactory;
import hrm.cluster.cli.ConfigOptions;

/** An actor system of no cluster, for what needs only its threads. */
public final class TestSystem {
  private TestSystem() {}

  /**
   * @param settings in HOCON
   */
  public static ActorSystem<Void> create(String... settings) {
    return ActorSystem.create(
        Behaviors.empty(),
        "test",
        ConfigFactory.parseString(String.join("\n", settings))
            .withFallback(
                ConfigFactory.parseString("akka.actor.provider = local, akka.loglevel = WARNING"))
            .withFallback(new ConfigOptions().load()));
  }
}
