package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.receptionist.Receptionist;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Thought;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** A whole node as the guardian starts it: crew and front door. */
class CrewTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  @Test
  void plannerThatDies_isReplaced_andJobsAreSolvedAgain() throws Exception {
    World world = new World(KIT, "workers = 2", "restart-delay = 10ms");
    Tracing tracing = new Tracing(world.events::add, world.settings, "here", world.clock);
    KIT.spawn(
        Crew.create(
            world.model,
            TestModels.BACKEND,
            EnumSet.allOf(Crew.Part.class),
            world.settings,
            tracing,
            world.clock,
            world.meters));
    Jobs jobs = world.jobs(world.settings.places(world.settings.lanes()));
    ActorRef<PlannerCommand> first = planner(world, Set.of());
    first.tell(new Thought(-1, 0, null, null, null, 0)); // there is no such lane
    ActorRef<PlannerCommand> second = planner(world, Set.of(first));
    assertNotEquals(first, second);
    world
        .kit
        .createTestProbe()
        .awaitAssert(
            () -> {
              assertEquals(world.settings.places(world.settings.lanes()), jobs.capacity());
              return null;
            });
    assertEquals(
        2,
        jobs.submit(TestModels.job(world.model, 1, 2), 1)
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS)
            .getSegments());
  }

  private static ActorRef<PlannerCommand> planner(World world, Set<ActorRef<PlannerCommand>> not) {
    TestProbe<Receptionist.Listing> listings = KIT.createTestProbe(Receptionist.Listing.class);
    KIT.system()
        .receptionist()
        .tell(Receptionist.subscribe(Planner.key(world.model), listings.ref()));
    while (true) {
      Set<ActorRef<PlannerCommand>> planners =
          listings
              .expectMessageClass(Receptionist.Listing.class)
              .getServiceInstances(Planner.key(world.model));
      for (ActorRef<PlannerCommand> planner : planners) {
        if (!not.contains(planner)) {
          return planner;
        }
      }
    }
  }

  @Test
  void invalidJob_failsItsStageBeforeAnythingIsSent() {
    World world = new World(KIT);
    Jobs jobs = world.jobs(0);
    ExecutionException failed =
        Assertions.assertThrows(
            ExecutionException.class,
            () ->
                jobs.submit(
                        TestModels.job(world.model, 1, 1).toBuilder().setModel("chess").build(), 1)
                    .toCompletableFuture()
                    .get());
    Assertions.assertInstanceOf(JobInvalid.class, failed.getCause());
  }

  @Test
  void noRoom_failsTheStageAsBusy() {
    World world = new World(KIT, "waiting = 0");
    Jobs jobs = world.jobs(0);
    ExecutionException failed =
        Assertions.assertThrows(
            ExecutionException.class,
            () -> jobs.submit(TestModels.job(world.model, 1, 1), 1).toCompletableFuture().get());
    Assertions.assertInstanceOf(JobsBusy.class, failed.getCause());
  }
}
