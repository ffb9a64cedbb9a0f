package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import akka.Done;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.javadsl.AskPattern;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import hrm.actors.ActorsSettings;
import hrm.actors.Meters;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Eventually;
import hrm.cluster.local.TinyFleet;
import hrm.cluster.settings.Role;
import hrm.gateway.LostRun;
import hrm.gateway.Solver;
import hrm.model.Backend;
import hrm.model.Backends;
import hrm.model.BrokenDeviceException;
import hrm.model.Kernels;
import hrm.model.Model;
import hrm.proto.NodeReport;
import hrm.proto.PuzzleJob;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A node's root when what it is the root of goes. */
@Timeout(60)
class GuardianTest {
  /** A device that no process can open. */
  private static final class Lost implements Backend {
    @Override
    public String name() {
      return "lost";
    }

    @Override
    public String describe() {
      return "a device that is lost";
    }

    @Override
    public boolean isLost() {
      return true;
    }

    @Override
    public Kernels open() {
      throw new BrokenDeviceException("a device that is lost, on purpose", null);
    }
  }

  /** A device that works until a test breaks it. */
  private static final class Brittle implements Backend {
    private final Backend sound = Backends.named("reference", 1);
    private volatile boolean broken;

    @Override
    public String name() {
      return "brittle";
    }

    @Override
    public String describe() {
      return "a device that breaks";
    }

    @Override
    public Kernels open() {
      Kernels kernels = sound.open();
      return (Kernels)
          Proxy.newProxyInstance(
              Kernels.class.getClassLoader(),
              new Class<?>[] {Kernels.class},
              (proxy, method, arguments) -> {
                if (broken && !method.getName().equals("close")) {
                  throw new BrokenDeviceException("a device that broke, on purpose", null);
                }
                try {
                  return method.invoke(kernels, arguments);
                } catch (InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }
  }

  private final Config config =
      ConfigFactory.parseString(
              "akka.actor.provider = local, akka.loglevel = WARNING, hrm.actors.max-handovers = 0")
          .withFallback(new ConfigOptions().load());
  private final ActorSystem<Guardian.Command> system =
      ActorSystem.create(
          Guardian.create(
              ActorsSettings.of(config), event -> true, InstantSource.system(), new Meters()),
          "test",
          config);

  @AfterEach
  void terminate() throws Exception {
    system.terminate();
    ended().get(30, TimeUnit.SECONDS);
  }

  private CompletableFuture<Done> ended() {
    return system.getWhenTerminated().toCompletableFuture();
  }

  /** Starts a crew beside a front door. */
  private Solver open(Backend backend) throws Exception {
    Model model = Model.load(TinyFleet.model());
    return AskPattern.<Guardian.Command, Guardian.Opened>ask(
            system,
            replyTo -> new Guardian.Open(Set.of(Role.values()), List.of(model), backend, replyTo),
            Duration.ofSeconds(30),
            system.scheduler())
        .toCompletableFuture()
        .get()
        .solver();
  }

  @Test
  void crewThatGivesUp_beginsTheNodesEnd_inGoodOrder() throws Exception {
    CompletableFuture<Void> end = new CompletableFuture<>();
    system.tell(
        new Guardian.Announce(NodeReport::getDefaultInstance, () -> {}, () -> end.complete(null)));
    open(new Lost());
    end.get(30, TimeUnit.SECONDS);
    assertFalse(ended().isDone(), "before its jobs are finished or handed back");
  }

  @Test
  void crewThatGivesUp_endsASystemThatIsNoNode() throws Exception {
    open(new Lost());
    ended().get(30, TimeUnit.SECONDS);
  }

  @Test
  void jobWhosePlannerDies_isALostRun() throws Exception {
    Brittle device = new Brittle();
    Solver solver = open(device);
    Eventually.holds(() -> solver.capacity() > 0, () -> "no planner came");
    device.broken = true;
    PuzzleJob job = PuzzleJob.newBuilder().setId("a").setText("1234............").build();
    ExecutionException failed =
        assertThrows(
            ExecutionException.class,
            () -> solver.solve(job, 1).toCompletableFuture().get(30, TimeUnit.SECONDS));
    assertInstanceOf(LostRun.class, failed.getCause());
  }
}
