package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.Done;
import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Thought;
import hrm.proto.DispatcherReport;
import hrm.proto.NodeReport;
import hrm.proto.PlannerReport;
import hrm.proto.PuzzleResult;
import hrm.proto.WorkerReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;

/** A whole node as the guardian starts it: crew and front door. */
class CrewTest {
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final Duration LONG = Duration.ofSeconds(20);

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  @Test
  void plannerThatDies_isReplaced_andJobsAreSolvedAgain() throws Exception {
    World world = new World(KIT, "workers = 2", "restart-delay = 10ms");
    KIT.spawn(
        Crew.create(
            world.model,
            TestModels.BACKEND,
            EnumSet.allOf(Crew.Part.class),
            world.settings,
            world.tracing,
            world.clock,
            world.meters));
    Jobs jobs = world.jobs(world.settings.places(world.settings.lanes()));
    ActorRef<PlannerCommand> first = world.plannerBut(Set.of());
    first.tell(new Thought(-1, 0, null, null, null, 0)); // there is no such lane
    ActorRef<PlannerCommand> second = world.plannerBut(Set.of(first));
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

  @Test
  void retiringCrew_finishesItsJobs_andItsMetersSaySo() throws Exception {
    World world = new World(KIT);
    ActorRef<Crew.Command> crew =
        KIT.spawn(
            Crew.create(
                world.model,
                TestModels.BACKEND,
                EnumSet.allOf(Crew.Part.class),
                world.settings,
                world.tracing,
                world.clock,
                world.meters));
    Jobs jobs = world.jobs(world.settings.places(world.settings.lanes()));
    List<CompletionStage<PuzzleResult>> answers = new ArrayList<>();
    for (int job = 1; job <= 3; job++) {
      answers.add(jobs.submit(TestModels.job(world.model, job, 4), 1));
    }
    TestProbe<Done> done = KIT.createTestProbe(Done.class);
    done.awaitAssert(
        () -> {
          assertEquals(3, report(world).getPlanners(0).getAdmitted());
          return null;
        });
    crew.tell(new Crew.Retire(Crew.Part.PLANNER, Duration.ofMinutes(1), done.ref()));
    done.expectMessageClass(Done.class, Duration.ofSeconds(30));
    for (CompletionStage<PuzzleResult> answer : answers) {
      assertEquals(4, answer.toCompletableFuture().get(30, TimeUnit.SECONDS).getSegments());
    }
    crew.tell(new Crew.Retire(Crew.Part.WORKER, Duration.ofMinutes(1), done.ref()));
    done.expectMessageClass(Done.class, Duration.ofSeconds(30));
    done.awaitAssert(
        () -> {
          assertEquals(0, jobs.capacity());
          assertEquals(
              DispatcherReport.newBuilder()
                  .setSubmitted(3)
                  .setFinished(3)
                  .addModels(DispatcherReport.Model.newBuilder().setModel(world.model.name()))
                  .build(),
              report(world).getDispatcher());
          return null;
        });
    NodeReport report = report(world);
    assertEquals(
        PlannerReport.newBuilder()
            .setModel(world.model.name())
            .setAdmitted(3)
            .setHalted(3)
            .setSegments(12)
            .setCycles(24)
            .setSteps(report.getPlanners(0).getSteps()) // by how many shared a lane
            .build(),
        report.getPlanners(0));
    WorkerReport worker = report.getWorkers(0);
    assertEquals(0, worker.getWorkers());
    assertEquals(report.getPlanners(0).getSteps(), worker.getCycles());
    assertEquals(2 * worker.getCycles(), worker.getTicks());
    assertTrue(worker.getBusyNanos() > 0);
  }

  @Test
  void retiringPlanner_pastItsTime_isStopped() {
    World world = new World(KIT);
    ActorRef<Crew.Command> crew =
        KIT.spawn(
            Crew.create(
                world.model,
                TestModels.BACKEND,
                EnumSet.of(Crew.Part.PLANNER),
                world.settings,
                world.tracing,
                world.clock,
                world.meters));
    Counterparts others = new Counterparts(KIT);
    others.register(world, others.worker); // that never answers
    Jobs jobs = world.jobs(world.settings.places(world.settings.lanes()));
    jobs.submit(TestModels.job(world.model, 1, 4), 1);
    TestProbe<Done> done = KIT.createTestProbe(Done.class);
    done.awaitAssert(
        () -> {
          assertEquals(1, report(world).getPlanners(0).getSlotsUsed());
          return null;
        });
    crew.tell(new Crew.Retire(Crew.Part.PLANNER, Duration.ofMillis(10), done.ref()));
    done.expectMessageClass(Done.class);
    done.awaitAssert(
        () -> {
          assertEquals(1, report(world).getDispatcher().getHandovers());
          assertEquals(1, report(world).getDispatcher().getWaiting());
          return null;
        });
  }

  private static NodeReport report(World world) {
    NodeReport.Builder report = NodeReport.newBuilder();
    world.meters.fill(report);
    return report.build();
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
