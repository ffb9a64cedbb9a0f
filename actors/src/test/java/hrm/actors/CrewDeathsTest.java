package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Thought;
import hrm.model.Backend;
import hrm.model.BrokenDeviceException;
import hrm.model.Kernels;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** A crew whose planner or workers die again and again. */
class CrewDeathsTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final Duration LONG = Duration.ofSeconds(20);

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  /** A device on which nothing can be opened: for now, or for ever where it is lost. */
  private record Unopened(boolean isLost, AtomicInteger starts) implements Backend {
    @Override
    public String name() {
      return "unopened";
    }

    @Override
    public String describe() {
      return "a device that cannot be opened";
    }

    @Override
    public Kernels open() {
      starts.incrementAndGet();
      throw new BrokenDeviceException("a device that cannot be opened, on purpose", null);
    }
  }

  private ActorRef<Crew.Command> crew(World world, Backend backend, Set<Crew.Part> parts) {
    return KIT.spawn(
        Crew.create(
            world.model, backend, parts, world.settings, world.tracing, world.clock, world.meters));
  }

  @Test
  void crewWhosePartsDieOnEveryStart_stops() {
    AtomicInteger starts = new AtomicInteger();
    Backend broken = new Unopened(false, starts);
    World world = new World(KIT, "restart-delay = 10ms", "workers = 2");
    KIT.createTestProbe()
        .expectTerminated(crew(world, broken, EnumSet.of(Crew.Part.PLANNER)), LONG);
    assertEquals(10, starts.getAndSet(0));
    KIT.createTestProbe().expectTerminated(crew(world, broken, EnumSet.of(Crew.Part.WORKER)), LONG);
    assertTrue(starts.get() >= 20, starts + " starts of two workers");
  }

  @Test
  void plannersThatDieAfterSomeWork_areReplacedForEver() throws Exception {
    World world = new World(KIT, "restart-delay = 10ms");
    crew(world, TestModels.BACKEND, EnumSet.allOf(Crew.Part.class));
    Jobs jobs = world.jobs(world.settings.places(world.settings.lanes()));
    Set<ActorRef<PlannerCommand>> dead = new HashSet<>();
    for (int i = 0; i < 12; i++) {
      ActorRef<PlannerCommand> planner = world.plannerBut(dead);
      world.solve(jobs, List.of(TestModels.job(world.model, i, 1)));
      planner.tell(new Thought(-1, 0, null, null, null, 0)); // there is no such lane
      dead.add(planner);
    }
    world.solve(jobs, List.of(TestModels.job(world.model, 12, 1)));
  }

  @Test
  void crewWhoseDeviceIsLost_stops() {
    World world = new World(KIT, "restart-delay = 1h");
    Backend lost = new Unopened(true, new AtomicInteger());
    for (Crew.Part part : Crew.Part.values()) {
      KIT.createTestProbe().expectTerminated(crew(world, lost, EnumSet.of(part)), LONG);
    }
  }
}
