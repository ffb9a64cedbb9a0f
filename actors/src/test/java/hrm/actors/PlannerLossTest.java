package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.BehaviorInterceptor;
import akka.actor.typed.TypedActorContext;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.receptionist.Receptionist;
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Answered;
import hrm.actors.Protocol.DispatcherCommand;
import hrm.actors.Protocol.Enlist;
import hrm.actors.Protocol.Failed;
import hrm.actors.Protocol.Faltered;
import hrm.actors.Protocol.Finished;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Think;
import hrm.actors.Protocol.Thought;
import hrm.actors.Protocol.Vacancies;
import hrm.actors.Protocol.WorkerCommand;
import hrm.model.HiddenState;
import hrm.model.LowLevel;
import hrm.proto.HaltReason;
import hrm.proto.JobFailure;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What a planner does when workers fail or are lost, and when dispatchers are. */
class PlannerLossTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  private final Counterparts others = new Counterparts(KIT);
  private final TestProbe<DispatcherCommand> dispatcher = others.dispatcher;
  private final TestProbe<WorkerCommand> worker = others.worker;

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  @Test
  void enlistingAgain_letsGoOfEarlierJobs() {
    World world = new World(KIT, "lanes = 1", "slots-per-lane = 4", "prefetch = 0");
    ActorRef<PlannerCommand> planner = others.enlisted(world);
    planner.tell(others.admit(1, TestModels.job(world.model, 1, 5)));
    assertEquals(1, others.limit());
    planner.tell(new Enlist(others.address));
    assertEquals(0, others.limit());
    planner.tell(others.admit(2, TestModels.job(world.model, 2, 1)));
    world.worker();
    PuzzleResult only = others.answer(2);
    assertEquals("job-2", only.getJobId());
    dispatcher.expectNoMessage(Duration.ofMillis(200));
  }

  @Test
  void lateThought_isRecognisedByItsNumber() {
    World world = new World(KIT, "lanes = 1", "prefetch = 0");
    ActorRef<PlannerCommand> planner = others.enlisted(world);
    others.register(world, worker);
    LowLevel low = world.model.lowLevel(TestModels.BACKEND);
    PuzzleJob job = TestModels.job(world.model, 1, 1);
    planner.tell(others.admit(1, job));
    Think first = worker.expectMessageClass(Think.class);
    Thought late = Counterparts.think(low, first, worker.ref());
    planner.tell(new Faltered(first.lane(), first.cycle(), "all the same", worker.ref()));
    Think again = worker.expectMessageClass(Think.class);
    assertEquals(first.cycle(), again.cycle());
    Thought thought = Counterparts.think(low, again, worker.ref());
    planner.tell(thought);
    planner.tell(late);
    planner.tell(thought); // doubled: its state is in use by now
    Think second = worker.expectMessageClass(Think.class);
    planner.tell(Counterparts.think(low, second, worker.ref()));
    PuzzleResult result = others.answer(1);
    assertEquals(TestModels.alone(world.model, job, 1).get(0).qHalt(), result.getQHalt());
    for (HiddenState state :
        List.of(
            late.zL(),
            thought.zL(),
            first.zL(),
            first.inputInjection(),
            again.inputInjection(),
            second.inputInjection())) {
      worker.awaitAssert(() -> assertGivenBack(state));
    }
  }

  @Test
  void slowWorkerOfThisNode_isNotAskedTwice() {
    World world = new World(KIT, "lanes = 1", "prefetch = 0", "think-timeout = 10ms");
    ActorRef<PlannerCommand> planner = others.enlisted(world);
    others.register(world, worker);
    LowLevel low = world.model.lowLevel(TestModels.BACKEND);
    planner.tell(others.admit(1, TestModels.job(world.model, 1, 1)));
    Think first = worker.expectMessageClass(Think.class);
    worker.expectNoMessage(Duration.ofMillis(200));
    planner.tell(Counterparts.think(low, first, worker.ref()));
    assertTrue(worker.expectMessageClass(Think.class).cycle() > first.cycle());
  }

  private static Void assertGivenBack(HiddenState state) {
    float[] into = new float[state.batch() * state.sequence() * state.hidden()];
    assertThrows(IllegalStateException.class, () -> state.read(into));
    return null;
  }

  @Test
  void workerThatKeepsFaltering_failsItsJobsAndTheLaneGoesOn() {
    World world = new World(KIT, "lanes = 1", "prefetch = 0");
    ActorRef<PlannerCommand> planner = others.enlisted(world);
    others.register(world, worker);
    planner.tell(others.admit(1, TestModels.job(world.model, 1, 1)));
    for (int i = 0; i < 3; i++) {
      Think think = worker.expectMessageClass(Think.class);
      planner.tell(new Faltered(think.lane(), think.cycle(), "out of memory", worker.ref()));
    }
    JobFailure failure =
        ((Failed) dispatcher.expectMessageClass(Finished.class).outcome()).failure();
    assertEquals(JobFailure.Cause.SOLVER_ERROR, failure.getCause());
    assertTrue(failure.getMessage().contains("out of memory"), failure.getMessage());
    planner.tell(others.admit(2, TestModels.job(world.model, 2, 1)));
    worker.expectMessageClass(Think.class);
  }

  @Test
  void lostWorkersCycle_isSentToAnotherAtOnce() {
    World world = new World(KIT, "lanes = 1", "prefetch = 0", "think-timeout = 1h");
    ActorRef<PlannerCommand> planner = others.enlisted(world);
    TestProbe<WorkerCommand> mortal = KIT.createTestProbe(WorkerCommand.class);
    others.register(world, mortal);
    planner.tell(others.admit(1, TestModels.job(world.model, 1, 1)));
    Think think = mortal.expectMessageClass(Think.class);
    others.register(world, worker);
    // Out of the listing first, so that its death is all the planner can go by.
    TestProbe<Receptionist.Deregistered> left =
        KIT.createTestProbe(Receptionist.Deregistered.class);
    KIT.system()
        .receptionist()
        .tell(Receptionist.deregister(Worker.key(world.model), mortal.ref(), left.ref()));
    left.expectMessageClass(Receptionist.Deregistered.class);
    mortal.stop();
    assertEquals(think.cycle(), worker.expectMessageClass(Think.class).cycle());
  }

  @Test
  void workerReportedDead_butStillListed_isAskedAgain() {
    World world = new World(KIT, "lanes = 1", "prefetch = 0", "think-timeout = 1h", "pulse = 10ms");
    ActorRef<PlannerCommand> planner = others.enlisted(world);
    others.register(world, worker);
    planner.tell(others.admit(1, TestModels.job(world.model, 1, 1)));
    Think think = worker.expectMessageClass(Think.class);
    planner.tell(new Planner.WorkerLost(worker.ref()));
    assertEquals(think.cycle(), worker.expectMessageClass(Think.class).cycle());
  }

  @Test
  void deadDispatchersJobs_leaveTheirSlots() {
    World world = new World(KIT, "lanes = 1", "prefetch = 0");
    ActorRef<PlannerCommand> planner = others.enlisted(world);
    others.register(world, worker);
    LowLevel low = world.model.lowLevel(TestModels.BACKEND);
    TestProbe<DispatcherCommand> mortal = KIT.createTestProbe(DispatcherCommand.class);
    planner.tell(new Enlist(mortal.ref()));
    mortal.expectMessageClass(Vacancies.class);
    planner.tell(
        new Admit(
            1,
            TestModels.job(world.model, 1, 5),
            1,
            Duration.ZERO,
            Optional.empty(),
            mortal.ref()));
    Think think = worker.expectMessageClass(Think.class);
    int places = world.settings.places(world.settings.lanes());
    others.awaitLimit(places - 1);
    mortal.stop();
    assertEquals(places, others.limit());
    planner.tell(Counterparts.think(low, think, worker.ref()));
    planner.tell(Counterparts.think(low, worker.expectMessageClass(Think.class), worker.ref()));
    // The lane is empty by now: the next job thinks alone.
    planner.tell(others.admit(2, TestModels.job(world.model, 2, 1)));
    for (int cycle = 0; cycle < 2; cycle++) {
      Think next = worker.expectMessageClass(Think.class);
      assertEquals(1, next.zL().batch());
      planner.tell(Counterparts.think(low, next, worker.ref()));
    }
    dispatcher.expectMessageClass(Finished.class);
  }

  @Test
  void plannerWithoutWorkers_takesNoMoreThanItHas() {
    World world = new World(KIT, "lanes = 1", "slots-per-lane = 4", "prefetch = 0");
    ActorRef<PlannerCommand> planner = world.planner();
    planner.tell(new Enlist(others.address));
    assertEquals(0, others.limit());
    others.register(world, worker);
    assertEquals(4, others.limit());
    planner.tell(others.admit(1, TestModels.job(world.model, 1, 1)));
    worker.expectMessageClass(Think.class);
    worker.stop();
    assertEquals(1, others.limit());
    world.worker();
    assertEquals(4, others.limit());
    others.answer(1);
  }

  @Test
  void plannerWithoutWorkers_answersWhatIsPastItsDeadline() {
    ManualClock clock = new ManualClock();
    World world =
        new World(KIT, clock, "lanes = 1", "slots-per-lane = 2", "prefetch = 1", "pulse = 10ms");
    CountDownLatch told = new CountDownLatch(1);
    ActorRef<PlannerCommand> planner = world.planner(behavior -> takingJobsFrom(told, behavior));
    planner.tell(new Enlist(others.address));
    PuzzleJob.Builder late = TestModels.job(world.model, 1, 1).toBuilder();
    late.getOptionsBuilder().setDeadline(Results.timestamp(clock.instant().plusSeconds(1)));
    PuzzleJob patient = TestModels.job(world.model, 2, 1);
    planner.tell(others.admit(1, late.build()));
    planner.tell(others.admit(2, patient)); // beside it
    planner.tell(others.admit(3, late.build())); // behind it
    told.countDown();
    awaitSeated(world, 2, 1);
    clock.pass(Duration.ofSeconds(1));
    Set<Long> answered = new HashSet<>();
    for (int i = 0; i < 2; i++) {
      Finished finished = dispatcher.expectMessageClass(Finished.class);
      PuzzleResult result = ((Answered) finished.outcome()).result();
      assertEquals(HaltReason.HALTED_DEADLINE, result.getHaltReason());
      assertEquals(0, result.getTokensCount());
      answered.add(finished.ticket());
    }
    assertEquals(Set.of(1L, 3L), answered);
    world.worker();
    assertEquals(
        TestModels.alone(world.model, patient, 1).get(0).qHalt(), others.answer(2).getQHalt());
    planner.tell(others.admit(4, patient));
    others.answer(4); // and nothing of the first in between
  }

  /** So that those which are told before come together. */
  private static Behavior<PlannerCommand> takingJobsFrom(
      CountDownLatch then, Behavior<PlannerCommand> planner) {
    return Behaviors.intercept(
        () ->
            new BehaviorInterceptor<>(PlannerCommand.class) {
              @Override
              public Behavior<PlannerCommand> aroundReceive(
                  TypedActorContext<PlannerCommand> context,
                  PlannerCommand message,
                  ReceiveTarget<PlannerCommand> target) {
                try {
                  if (message instanceof Admit) {
                    then.await();
                  }
                } catch (InterruptedException e) {
                  Thread.currentThread().interrupt();
                }
                return target.apply(context, message);
              }
            },
        planner);
  }

  @Test
  void laneWhoseJobsAreAllPastTheirDeadline_isIdle() {
    ManualClock clock = new ManualClock();
    World world = new World(KIT, clock, "lanes = 1", "prefetch = 0", "pulse = 10ms");
    ActorRef<PlannerCommand> planner = others.enlisted(world);
    PuzzleJob.Builder late = TestModels.job(world.model, 1, 1).toBuilder();
    late.getOptionsBuilder().setDeadline(Results.timestamp(clock.instant().plusSeconds(1)));
    planner.tell(others.admit(1, late.build()));
    awaitSeated(world, 1, 0);
    clock.pass(Duration.ofSeconds(1));
    others.answer(1);
    planner.tell(new Protocol.Retire());
    KIT.createTestProbe().expectTerminated(planner);
  }

  private void awaitSeated(World world, int seated, int waiting) {
    Meters.PlannerMeter meter = world.meters.planner(world.model.name());
    dispatcher.awaitAssert(
        () -> {
          assertEquals(seated, meter.slotsUsed);
          assertEquals(waiting, meter.waiting);
          return null;
        });
  }
}
