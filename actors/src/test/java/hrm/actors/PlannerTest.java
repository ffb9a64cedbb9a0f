package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.FishingOutcomes;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.receptionist.Receptionist;
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Answered;
import hrm.actors.Protocol.DispatcherCommand;
import hrm.actors.Protocol.Enlist;
import hrm.actors.Protocol.Failed;
import hrm.actors.Protocol.Faltered;
import hrm.actors.Protocol.Finished;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Pulse;
import hrm.actors.Protocol.Reached;
import hrm.actors.Protocol.Think;
import hrm.actors.Protocol.Thought;
import hrm.actors.Protocol.Vacancies;
import hrm.actors.Protocol.WorkerCommand;
import hrm.model.HiddenState;
import hrm.model.LowLevel;
import hrm.proto.HaltReason;
import hrm.proto.HaltingPolicy;
import hrm.proto.JobFailure;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import hrm.proto.TraceChoice;
import hrm.proto.TraceEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** A real planner between a dispatcher and a worker that the test plays itself. */
class PlannerTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  private final ManualClock clock = new ManualClock();
  private final TestProbe<DispatcherCommand> dispatcher =
      KIT.createTestProbe(DispatcherCommand.class);
  private final TestProbe<WorkerCommand> worker = KIT.createTestProbe(WorkerCommand.class);

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  private ActorRef<PlannerCommand> enlisted(World world) {
    ActorRef<PlannerCommand> planner = world.planner();
    planner.tell(new Enlist(dispatcher.ref()));
    assertEquals(
        world.settings.places(world.settings.lanes()),
        dispatcher.expectMessageClass(Vacancies.class).limit());
    return planner;
  }

  private void register(World world, TestProbe<WorkerCommand> probe) {
    KIT.system().receptionist().tell(Receptionist.register(Worker.key(world.model), probe.ref()));
  }

  private Admit admit(long ticket, PuzzleJob job) {
    return new Admit(ticket, job, 1, Duration.ofSeconds(2), Optional.empty(), dispatcher.ref());
  }

  private PuzzleResult answer(long ticket) {
    Finished finished = dispatcher.expectMessageClass(Finished.class);
    assertEquals(ticket, finished.ticket());
    return ((Answered) finished.outcome()).result();
  }

  private static Thought think(LowLevel low, Think think, ActorRef<WorkerCommand> self) {
    LowLevel.Ticks ticks = low.cycle(think.zL(), think.inputInjection());
    return new Thought(think.lane(), think.cycle(), ticks.zL(), ticks.residuals(), self, 1);
  }

  @Test
  void burst_isSplitOverLanes_thatThinkAtTheSameTime() {
    World world = new World(KIT, "lanes = 2", "slots-per-lane = 4", "prefetch = 0");
    ActorRef<PlannerCommand> planner = enlisted(world);
    // No worker yet: whatever arrives meanwhile waits in the lanes' first cycle.
    for (int i = 0; i < 6; i++) {
      planner.tell(admit(i, TestModels.job(world.model, i, 1)));
    }
    register(world, worker);
    Think one = worker.expectMessageClass(Think.class);
    Think other = worker.expectMessageClass(Think.class); // though the first is not answered
    assertEquals(Set.of(0, 1), Set.of(one.lane(), other.lane()));
    assertTrue(Math.abs(one.zL().batch() - other.zL().batch()) <= 2);
    LowLevel low = world.model.lowLevel(TestModels.BACKEND);
    planner.tell(think(low, one, worker.ref()));
    Think next = worker.expectMessageClass(Think.class);
    assertEquals(one.lane(), next.lane());
    assertTrue(next.cycle() > other.cycle());
  }

  @Test
  void resumedJob_goesOnFromItsCheckpoint_toTheSameBits() {
    World world = new World(KIT, "lanes = 1", "prefetch = 0", "checkpoint-every = 2");
    world.worker();
    PuzzleJob job = TestModels.job(world.model, 3, 5);
    ActorRef<PlannerCommand> first = enlisted(world);
    first.tell(admit(1, job));
    Reached two = dispatcher.expectMessageClass(Reached.class);
    assertEquals(2, two.progress().segments());
    Reached four = dispatcher.expectMessageClass(Reached.class);
    assertEquals(4, four.progress().segments());
    PuzzleResult whole = answer(1);
    ActorRef<PlannerCommand> second = enlisted(world);
    second.tell(new Admit(2, job, 1, Duration.ZERO, Optional.of(two.progress()), dispatcher.ref()));
    assertEquals(
        four.progress().segments(),
        dispatcher.expectMessageClass(Reached.class).progress().segments());
    PuzzleResult resumed = answer(2);
    assertEquals(5, resumed.getSegments());
    assertEquals(whole.getTokensList(), resumed.getTokensList());
    assertEquals(whole.getQHalt(), resumed.getQHalt());
    assertEquals(TestModels.alone(world.model, job, 5).get(4).qHalt(), resumed.getQHalt());
    assertEquals(3, world.seen.get("job-3").size() - 5, "segments 3 to 5 again, not 1 to 5");
  }

  @Test
  void enlistingAgain_letsGoOfEarlierJobs() {
    World world = new World(KIT, "lanes = 1", "slots-per-lane = 4", "prefetch = 0");
    ActorRef<PlannerCommand> planner = enlisted(world);
    planner.tell(admit(1, TestModels.job(world.model, 1, 5)));
    planner.tell(new Enlist(dispatcher.ref()));
    assertEquals(4, dispatcher.expectMessageClass(Vacancies.class).limit());
    planner.tell(admit(2, TestModels.job(world.model, 2, 1)));
    world.worker();
    PuzzleResult only = answer(2);
    assertEquals("job-2", only.getJobId());
    dispatcher.expectNoMessage(Duration.ofMillis(200));
  }

  @Test
  void pulse_tellsWhatIsInHand() {
    World world = new World(KIT, "pulse = 10ms", "silence = 1s", "lanes = 1");
    ActorRef<PlannerCommand> planner = world.planner();
    planner.tell(new Enlist(dispatcher.ref()));
    planner.tell(admit(5, TestModels.job(world.model, 1, 5)));
    planner.tell(admit(7, TestModels.job(world.model, 2, 5)));
    Pulse pulse;
    do {
      pulse =
          dispatcher
              .fishForMessage(
                  Duration.ofSeconds(5),
                  m ->
                      m instanceof Pulse
                          ? FishingOutcomes.complete()
                          : FishingOutcomes.continueAndIgnore())
              .stream()
              .map(Pulse.class::cast)
              .findFirst()
              .orElseThrow();
    } while (pulse.lastTicket() < 7);
    assertEquals(List.of(5L, 7L), pulse.tickets());
    assertEquals(world.settings.places(1), pulse.limit());
  }

  @Test
  void lateThought_isRecognisedByItsNumber() {
    World world = new World(KIT, "lanes = 1", "prefetch = 0", "think-timeout = 300ms");
    ActorRef<PlannerCommand> planner = enlisted(world);
    register(world, worker);
    LowLevel low = world.model.lowLevel(TestModels.BACKEND);
    PuzzleJob job = TestModels.job(world.model, 1, 1);
    planner.tell(admit(1, job));
    Think first = worker.expectMessageClass(Think.class);
    Think again = worker.expectMessageClass(Think.class); // overdue
    assertEquals(first.cycle(), again.cycle());
    Thought thought = think(low, first, worker.ref());
    Thought late = think(low, again, worker.ref());
    planner.tell(thought);
    planner.tell(late);
    planner.tell(thought); // doubled: its state is in use by now
    Think second = worker.expectMessageClass(Think.class);
    while (second.cycle() == first.cycle()) { // overdue once more before the answer came
      second = worker.expectMessageClass(Think.class);
    }
    planner.tell(think(low, second, worker.ref()));
    PuzzleResult result = answer(1);
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

  private static Void assertGivenBack(HiddenState state) {
    float[] into = new float[state.batch() * state.sequence() * state.hidden()];
    assertThrows(IllegalStateException.class, () -> state.read(into));
    return null;
  }

  @Test
  void result_isComplete() {
    World world = new World(KIT, clock, "prefetch = 0");
    ActorRef<PlannerCommand> planner = enlisted(world);
    PuzzleJob job = TestModels.job(world.model, 5, 2);
    planner.tell(admit(9, job));
    world.worker();
    PuzzleResult result = answer(9);
    TestModels.Row last = TestModels.alone(world.model, job, 2).get(1);
    assertEquals("job-5", result.getJobId());
    assertArrayEquals(
        last.tokens(), result.getTokensList().stream().mapToInt(Integer::intValue).toArray());
    assertEquals(world.model.puzzle().orElseThrow().text(last.tokens()), result.getText());
    assertFalse(result.getSolved());
    assertEquals(2, result.getSegments());
    assertEquals(HaltReason.HALTED_MAX_STEPS, result.getHaltReason());
    assertEquals(last.qHalt(), result.getQHalt());
    assertEquals(last.qContinue(), result.getQContinue());
    assertEquals(16, result.getConfidenceCount());
    assertTrue(result.getConfidenceList().stream().allMatch(p -> p > 1f / 6 - 1e-6 && p <= 1));
    assertEquals(2, result.getTimings().getWaiting().getSeconds());
    assertTrue(result.getTimings().hasThinking());
    assertEquals(KIT.system().address().toString(), result.getNode());
    assertEquals(world.model.name(), result.getModel());
    assertEquals(world.model.sha256(), result.getModelSha256());
    assertEquals(1, result.getAttempt());
    assertEquals(job.getText(), result.getPuzzle());
    assertEquals(clock.instant().getEpochSecond(), result.getFinishedAt().getSeconds());
  }

  @Test
  void qHead_haltsAtTheFirstSegmentThatSaysSo() {
    World world = new World(KIT, "prefetch = 0");
    ActorRef<PlannerCommand> planner = enlisted(world);
    world.worker();
    for (int i = 0; i < 8; i++) {
      PuzzleJob.Builder job = TestModels.job(world.model, i, 5).toBuilder();
      job.getOptionsBuilder().setHalting(HaltingPolicy.Q_HEAD);
      List<TestModels.Row> alone = TestModels.alone(world.model, job.build(), 5);
      int says =
          IntStream.range(0, 5)
              .filter(s -> alone.get(s).qHalt() > alone.get(s).qContinue())
              .findFirst()
              .orElse(-1);
      planner.tell(admit(i, job.build()));
      PuzzleResult result = answer(i);
      assertEquals(says < 0 ? 5 : says + 1, result.getSegments());
      assertEquals(
          says < 0 ? HaltReason.HALTED_MAX_STEPS : HaltReason.HALTED_Q_HEAD,
          result.getHaltReason());
    }
  }

  @Test
  void deadline_passedInASlot_haltsWithWhatThereIs() {
    World world = new World(KIT, clock, "lanes = 1", "prefetch = 0");
    ActorRef<PlannerCommand> planner = enlisted(world);
    register(world, worker);
    LowLevel low = world.model.lowLevel(TestModels.BACKEND);
    PuzzleJob.Builder job = TestModels.job(world.model, 1, 5).toBuilder();
    job.getOptionsBuilder().setDeadline(Results.timestamp(clock.instant().plusSeconds(1)));
    planner.tell(admit(1, job.build()));
    for (int cycle = 0; cycle < 4; cycle++) {
      if (cycle == 3) {
        clock.pass(Duration.ofSeconds(1));
      }
      planner.tell(think(low, worker.expectMessageClass(Think.class), worker.ref()));
    }
    PuzzleResult result = answer(1);
    assertEquals(HaltReason.HALTED_DEADLINE, result.getHaltReason());
    assertEquals(2, result.getSegments());
    assertEquals(16, result.getTokensCount());
    assertEquals(1, result.getTimings().getThinking().getSeconds());
  }

  @Test
  void workerThatKeepsFaltering_failsItsJobsAndTheLaneGoesOn() {
    World world = new World(KIT, "lanes = 1", "prefetch = 0");
    ActorRef<PlannerCommand> planner = enlisted(world);
    register(world, worker);
    planner.tell(admit(1, TestModels.job(world.model, 1, 1)));
    for (int i = 0; i < 3; i++) {
      Think think = worker.expectMessageClass(Think.class);
      planner.tell(new Faltered(think.lane(), think.cycle(), "out of memory", worker.ref()));
    }
    JobFailure failure =
        ((Failed) dispatcher.expectMessageClass(Finished.class).outcome()).failure();
    assertEquals(JobFailure.Cause.SOLVER_ERROR, failure.getCause());
    assertTrue(failure.getMessage().contains("out of memory"), failure.getMessage());
    planner.tell(admit(2, TestModels.job(world.model, 2, 1)));
    worker.expectMessageClass(Think.class);
  }

  @Test
  void lostWorkersCycle_isSentToAnotherAtOnce() {
    World world = new World(KIT, "lanes = 1", "prefetch = 0", "think-timeout = 1h");
    ActorRef<PlannerCommand> planner = enlisted(world);
    TestProbe<WorkerCommand> mortal = KIT.createTestProbe(WorkerCommand.class);
    register(world, mortal);
    planner.tell(admit(1, TestModels.job(world.model, 1, 1)));
    Think think = mortal.expectMessageClass(Think.class);
    register(world, worker);
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
    ActorRef<PlannerCommand> planner = enlisted(world);
    register(world, worker);
    planner.tell(admit(1, TestModels.job(world.model, 1, 1)));
    Think think = worker.expectMessageClass(Think.class);
    planner.tell(new Planner.WorkerLost(worker.ref()));
    assertEquals(think.cycle(), worker.expectMessageClass(Think.class).cycle());
  }

  @Test
  void deadDispatchersJobs_leaveTheirSlots() {
    World world = new World(KIT, "lanes = 1", "prefetch = 0");
    ActorRef<PlannerCommand> planner = enlisted(world);
    register(world, worker);
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
    assertEquals(places - 1, dispatcher.expectMessageClass(Vacancies.class).limit());
    mortal.stop();
    assertEquals(places, dispatcher.expectMessageClass(Vacancies.class).limit());
    planner.tell(think(low, think, worker.ref()));
    planner.tell(think(low, worker.expectMessageClass(Think.class), worker.ref()));
    // The lane is empty by now: the next job thinks alone.
    planner.tell(admit(2, TestModels.job(world.model, 2, 1)));
    for (int cycle = 0; cycle < 2; cycle++) {
      Think next = worker.expectMessageClass(Think.class);
      assertEquals(1, next.zL().batch());
      planner.tell(think(low, next, worker.ref()));
    }
    dispatcher.expectMessageClass(Finished.class);
  }

  @Test
  void tracedJob_tellsEverythingInOrder() {
    World world = new World(KIT, "lanes = 1", "prefetch = 0", "trace.sample = 0");
    ActorRef<PlannerCommand> planner = enlisted(world);
    PuzzleJob.Builder traced = TestModels.job(world.model, 1, 2).toBuilder();
    traced.getOptionsBuilder().setTrace(TraceChoice.TRACE_ON);
    // Longer by more than one segment: it ends last even where the other joins it late.
    planner.tell(admit(1, TestModels.job(world.model, 2, 5)));
    planner.tell(admit(2, traced.build()));
    ActorRef<WorkerCommand> real = world.worker();
    answer(2);
    answer(1);
    List<TraceEvent> events = world.events.stream().filter(event -> !event.hasMessage()).toList();
    assertEquals(
        List.of("ADMITTED", "CYCLE", "CYCLE", "SEGMENT", "CYCLE", "CYCLE", "SEGMENT", "HALTED"),
        events.stream().map(event -> event.getEventCase().name()).toList());
    assertEquals( // 4 numbers for each Think and its answer
        List.of(0, 5, 10, 11, 16, 21, 22, 23),
        events.stream().map(TraceEvent::getSequence).toList());
    assertTrue(events.stream().allMatch(event -> event.getJobId().equals("job-1")));
    TraceEvent cycle = events.get(5);
    assertEquals(2, cycle.getCycle().getSegment());
    assertEquals(2, cycle.getCycle().getCycle());
    assertEquals(2, cycle.getCycle().getZLResidualsCount());
    List<Float> residuals = new ArrayList<>(cycle.getCycle().getZLResidualsList());
    residuals.add(cycle.getCycle().getZHResidual());
    assertEquals(TestModels.lastResiduals(world.model, traced.build(), 2), residuals);
    assertTrue(cycle.getCycle().getWorkerNanos() > 0);
    assertEquals(
        real.path().toStringWithAddress(KIT.system().address()), cycle.getCycle().getWorker());
    TestModels.Row last = TestModels.alone(world.model, traced.build(), 2).get(1);
    assertEquals(last.qHalt(), events.get(6).getSegment().getQHalt());
    assertEquals(
        world.model.puzzle().orElseThrow().text(last.tokens()),
        events.get(6).getSegment().getBoard());
    assertEquals(HaltReason.HALTED_MAX_STEPS, events.get(7).getHalted().getReason());
  }
}
