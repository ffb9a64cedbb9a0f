package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorRefResolver;
import akka.actor.typed.receptionist.Receptionist;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Think;
import hrm.actors.Protocol.WorkerCommand;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** A planner whose only worker is another node's, with the transport between them. */
class AfarTest {
  private static final Config REMOTE =
      ConfigFactory.parseString(
              """
              akka.actor.provider = remote
              akka.remote.use-unsafe-remote-features-outside-cluster = on
              akka.remote.artery.transport = tcp
              akka.remote.artery.canonical { hostname = 127.0.0.1, port = 0 }
              """)
          .withFallback(ConfigFactory.load());
  private static final ActorTestKit HERE = ActorTestKit.create("here", REMOTE);
  private static final ActorTestKit AFAR = ActorTestKit.create("afar", REMOTE);

  private final Counterparts others = new Counterparts(HERE);
  private final TestProbe<WorkerCommand> worker =
      AFAR.createTestProbe("worker", WorkerCommand.class);

  @AfterAll
  static void shutDown() {
    HERE.shutdownTestKit();
    AFAR.shutdownTestKit();
  }

  private void register(World world) {
    String address = ActorRefResolver.get(AFAR.system()).toSerializationFormat(worker.ref());
    ActorRef<WorkerCommand> seen = ActorRefResolver.get(HERE.system()).resolveActorRef(address);
    HERE.system().receptionist().tell(Receptionist.register(Worker.key(world.model), seen));
  }

  /** Between nodes a message may be lost without anybody dying. */
  @Test
  void onlyWorker_isAskedAgain_whenNoAnswerComes() {
    World world = new World(HERE, "lanes = 1", "prefetch = 0", "think-timeout = 100ms");
    others.enlisted(world).tell(others.admit(1, TestModels.job(world.model, 1, 1)));
    register(world);
    Think first = worker.expectMessageClass(Think.class);
    assertEquals(first.cycle(), worker.expectMessageClass(Think.class).cycle());
  }

  @Test
  void workerAfar_isNotAsked_whereALaneFitsNoFrame() {
    World world = new World(HERE, "lanes = 1", "slots-per-lane = 4096", "prefetch = 0");
    ActorRef<PlannerCommand> planner = others.enlisted(world);
    planner.tell(others.admit(1, TestModels.job(world.model, 1, 1)));
    TestProbe<Receptionist.Listing> listings = HERE.createTestProbe(Receptionist.Listing.class);
    HERE.system()
        .receptionist()
        .tell(Receptionist.subscribe(Worker.key(world.model), listings.ref()));
    listings.expectMessageClass(Receptionist.Listing.class); // of nobody
    register(world);
    listings.expectMessageClass(Receptionist.Listing.class);
    worker.expectNoMessage(Duration.ofMillis(300));
    world.worker();
    others.answer(1);
  }
}
