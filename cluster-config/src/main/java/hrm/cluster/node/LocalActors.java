package hrm.cluster.node;

import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import akka.cluster.typed.Cluster;
import akka.cluster.typed.Join;
import com.typesafe.config.Config;
import hrm.actors.ActorsSettings;
import hrm.actors.Meters;
import hrm.actors.TraceTap;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.settings.Role;
import hrm.gateway.Solver;
import hrm.model.Backend;
import hrm.model.Model;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A node's actors without Kafka, for measuring: its front door is called directly. */
public final class LocalActors implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);

  private final ActorSystem<Guardian.Command> system;
  private final Solver door;
  private final Meters meters = new Meters();

  /**
   * @param seeds {@code HOST:PORT} of another node; none: a cluster of its own
   * @param settings by key, over every other source
   */
  public LocalActors(
      Set<Role> roles,
      List<String> seeds,
      Map<String, Object> settings,
      Model model,
      Backend backend,
      TraceTap tap)
      throws Exception {
    Map<String, Object> all = new HashMap<>(settings);
    all.put(
        "akka.coordinated-shutdown.run-by-actor-system-terminate", false); // nobody to hand over to
    all.put("akka.loglevel", "ERROR");
    all.put("akka.cluster.roles", roles.stream().map(Role::toString).toList());
    all.put("akka.cluster.seed-nodes", seeds.stream().map(seed -> "akka://hrm@" + seed).toList());
    Config config = new ConfigOptions().load(all);
    system =
        ActorSystem.create(
            Guardian.create(ActorsSettings.of(config), tap, InstantSource.system(), meters),
            "hrm",
            config);
    if (seeds.isEmpty()) {
      Cluster cluster = Cluster.get(system);
      cluster.manager().tell(Join.create(cluster.selfMember().address()));
    }
    door =
        AskPattern.<Guardian.Command, Guardian.Opened>ask(
                system,
                replyTo -> new Guardian.Open(roles, List.of(model), backend, replyTo),
                START,
                system.scheduler())
            .toCompletableFuture()
            .get()
            .solver();
  }

  public ActorSystem<?> system() {
    return system;
  }

  /** Where jobs are handed in. */
  public Solver door() {
    return door;
  }

  /** Of all its actors. */
  public Meters meters() {
    return meters;
  }

  /** {@code HOST:PORT} by which others join. */
  public String address() {
    var address = Cluster.get(system).selfMember().address();
    return address.getHost().get() + ":" + address.getPort().get();
  }

  /** Waits until the planner has come with so many places. */
  public void awaitCapacity(int places) throws InterruptedException {
    long begin = System.nanoTime();
    while (door.capacity() < places) {
      if (System.nanoTime() - begin > START.toNanos()) {
        throw CommandException.failed(
            "no planner came up within %d s".formatted(START.toSeconds()));
      }
      Thread.sleep(20);
    }
  }

  @Override
  public void close() {
    system.terminate();
    system.getWhenTerminated().toCompletableFuture().join();
  }
}
