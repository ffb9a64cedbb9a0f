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
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.DispatcherCommand;
import hrm.actors.Protocol.Enlist;
import hrm.actors.Protocol.Finished;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Pulse;
import hrm.actors.Protocol.Reached;
import hrm.actors.Protocol.Think;
import hrm.actors.Protocol.Thought;
import hrm.actors.Protocol.WorkerCommand;
import hrm.model.Carry;
import hrm.model.HiddenState;
import hrm.model.LowLevel;
import hrm.proto.HaltReason;
import hrm.proto.HaltingPolicy;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import hrm.proto.TraceChoice;
import hrm.proto.TraceEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** A real planner between a dispatcher and a worker that the test plays itself. */
class PlannerTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  private final Counterparts others = new Counterparts(KIT);
  private final TestProbe<DispatcherCommand> dispatcher = others.dispatcher;
  private final TestProbe<WorkerCommand> worker = others.worker;
  private final ManualClock clock = new ManualClock();

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  @Test
  void burst_isSplitOverLanes_thatThinkAtTheSameTime() {
    World world = new World(KIT, "lanes = 2", "slots-per-lane = 4", "prefetch = 0");
    ActorRef<PlannerCommand> planner = others.enlisted(world);
    // No worker yet: whatever arrives meanwhile waits in the lanes' first cycle.
    for (int i = 0; i < 6; i++) {
      planner.tell(others.admit(i, TestModels.job(world.model, i, 1)));
    }
    others.register(world, worker);
    Think one = worker.expectMessageClass(Think.class);
    Think other = worker.expectMessageClass(Think.class); // though the first is not answered
    assertEquals(Set.of(0, 1), Set.of(one.lane(), other.lane()));
    assertTrue(Math.abs(one.zL().batch() - other.zL().batch()) <= 2);
    LowLevel low = world.model.lowLevel(TestModels.BACKEND);
    planner.tell(Counterparts.think(low, one, worker.ref()));
    Think next = worker.expectMessageClass(Think.class);
    assertEquals(one.lane(), next.lane());
    assertTrue(next.cycle() > other.cycle());
  }

  @Test
  void resumedJob_goesOnFromItsCheckpoint_toTheSameBits() {
    World world = new World(KIT, "lanes = 1", "prefetch = 0", "checkpoint-every = 2");
    world.worker();
    PuzzleJob job = TestModels.job(world.model, 3, 5);
    ActorRef<PlannerCommand> first = others.enlisted(world);
    first.tell(others.admit(1, job));
    Reached two = dispatcher.expectMessageClass(Reached.class);
    assertEquals(2, two.progress().segments());
    Reached four = dispatcher.expectMessageClass(Reached.class);
    assertEquals(4, four.progress().segments());
    PuzzleResult whole = others.answer(1);
    ActorRef<PlannerCommand> second = others.enlisted(world);
    second.tell(new Admit(2, job, 1, Duration.ZERO, Optional.of(two.progress()), others.address));
    assertEquals(
        four.progress().segments(),
        dispatcher.expectMessageClass(Reached.class).progress().segments());
    PuzzleResult resumed = others.answer(2);
    assertEquals(5, resumed.getSegments());
    assertEquals(whole.getTokensList(), resumed.getTokensList());
    assertEquals(whole.getQHalt(), resumed.getQHalt());
    assertEquals(TestModels.alone(world.model, job, 5).get(4).qHalt(), resumed.getQHalt());
    assertEquals(3, world.seen.get("job-3").size() - 5, "segments 3 to 5 again, not 1 to 5");
  }

  @Test
  void pulse_tellsWhatIsInHand() {
    World world = new World(KIT, "pulse = 10ms", "silence = 1s", "lanes = 1");
    ActorRef<PlannerCommand> planner = world.planner();
    others.register(world, worker);
    planner.tell(new Enlist(others.address));
    planner.tell(others.admit(5, TestModels.job(world.model, 1, 5)));
    planner.tell(others.admit(7, TestModels.job(world.model, 2, 5)));
    Pulse pulse;
    do {
      pulse =
          others
              .tidings
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
    } while (pulse.lastTicket() < 7 || pulse.limit() == 2); // without the worker
    assertEquals(List.of(5L, 7L), pulse.tickets());
    assertEquals(world.settings.places(1), pulse.limit());
  }

  /** A gateway has accepted it, and may call the model otherwise or allow more segments. */
  @Test
  void acceptedJob_isNotRefusedByThePlannersOwnSettings() {
    World world = new World(KIT, "lanes = 1", "max-segments = 3");
    world.worker();
    ActorRef<PlannerCommand> planner = others.enlisted(world);
    PuzzleJob job =
        TestModels.job(world.model, 1, 4).toBuilder().setModel("as-named-there").build();
    planner.tell(others.admit(1, job));
    assertEquals(4, others.answer(1).getSegments());
  }

  /**
   * Else it would be late by as many H steps as there are lanes, and the planner taken for dead.
   */
  @Test
  void pulse_doesNotWaitForTheThoughtsOfAllLanes() {
    World world =
        new World(
            KIT, "pulse = 10ms", "silence = 1s", "lanes = 2", "slots-per-lane = 1", "prefetch = 1");
    TestProbe<DispatcherCommand> all = KIT.createTestProbe(DispatcherCommand.class);
    ActorRef<PlannerCommand> planner =
        world.planner((slots, carry, heads) -> spin(Duration.ofMillis(30)));
    others.register(world, worker);
    planner.tell(new Enlist(all.ref()));
    for (int ticket = 1; ticket <= 2; ticket++) {
      PuzzleJob job = TestModels.job(world.model, ticket, 1);
      planner.tell(new Admit(ticket, job, 1, Duration.ZERO, Optional.empty(), all.ref()));
    }
    LowLevel low = world.model.lowLevel(TestModels.BACKEND);
    for (int cycle = 0; cycle < world.model.config().hCycles(); cycle++) {
      List<Think> asked =
          List.of(worker.expectMessageClass(Think.class), worker.expectMessageClass(Think.class));
      asked.stream()
          .map(think -> Counterparts.think(low, think, worker.ref()))
          .toList()
          .forEach(planner::tell);
    }
    while (!(all.receiveMessage() instanceof Finished)) {}
    boolean pulsed = false;
    for (var next = all.receiveMessage();
        !(next instanceof Finished);
        next = all.receiveMessage()) {
      pulsed |= next instanceof Pulse;
    }
    assertTrue(pulsed, "nothing between two ends of segments");
  }

  private static void spin(Duration time) {
    long end = System.nanoTime() + time.toNanos();
    while (System.nanoTime() - end < 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void plannerThatDies_givesItsStatesBack_butThoseThatAreLent() {
    World world = new World(KIT, "lanes = 1", "prefetch = 0");
    List<Carry> carries = new CopyOnWriteArrayList<>();
    ActorRef<PlannerCommand> planner = world.planner((slots, carry, heads) -> carries.add(carry));
    planner.tell(new Enlist(others.address));
    planner.tell(others.admit(1, TestModels.job(world.model, 1, 2)));
    others.register(world, worker);
    LowLevel low = world.model.lowLevel(TestModels.BACKEND);
    for (int cycle = 0; cycle < world.model.config().hCycles(); cycle++) {
      Think think = worker.expectMessageClass(Think.class);
      planner.tell(Counterparts.think(low, think, worker.ref()));
    }
    HiddenState lent = worker.expectMessageClass(Think.class).zL(); // of the next segment
    planner.tell(new Thought(-1, 0, null, null, null, 0)); // there is no such lane
    worker.expectTerminated(planner, Duration.ofSeconds(10));
    HiddenState zH = carries.get(0).zH();
    float[] row = new float[zH.sequence() * zH.hidden()];
    assertThrows(IllegalStateException.class, () -> zH.readRow(0, row));
    assertEquals(lent, carries.get(0).zL());
    lent.readRow(0, row);
  }

  @Test
  void result_isComplete() {
    World world = new World(KIT, clock, "prefetch = 0");
    ActorRef<PlannerCommand> planner = others.enlisted(world);
    PuzzleJob job = TestModels.job(world.model, 5, 2);
    planner.tell(others.admit(9, job));
    world.worker();
    PuzzleResult result = others.answer(9);
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
    ActorRef<PlannerCommand> planner = others.enlisted(world);
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
      planner.tell(others.admit(i, job.build()));
      PuzzleResult result = others.answer(i);
      assertEquals(says < 0 ? 5 : says + 1, result.getSegments());
      assertEquals(
          says < 0 ? HaltReason.HALTED_MAX_STEPS : HaltReason.HALTED_Q_HEAD,
          result.getHaltReason());
    }
  }

  @Test
  void deadline_passedInASlot_haltsWithWhatThereIs() {
    World world = new World(KIT, clock, "lanes = 1", "prefetch = 0");
    ActorRef<PlannerCommand> planner = others.enlisted(world);
    others.register(world, worker);
    LowLevel low = world.model.lowLevel(TestModels.BACKEND);
    PuzzleJob.Builder job = TestModels.job(world.model, 1, 5).toBuilder();
    job.getOptionsBuilder().setDeadline(Results.timestamp(clock.instant().plusSeconds(1)));
    planner.tell(others.admit(1, job.build()));
    for (int cycle = 0; cycle < 4; cycle++) {
      if (cycle == 3) {
        clock.pass(Duration.ofSeconds(1));
      }
      planner.tell(Counterparts.think(low, worker.expectMessageClass(Think.class), worker.ref()));
    }
    PuzzleResult result = others.answer(1);
    assertEquals(HaltReason.HALTED_DEADLINE, result.getHaltReason());
    assertEquals(2, result.getSegments());
    assertEquals(16, result.getTokensCount());
    assertEquals(1, result.getTimings().getThinking().getSeconds());
  }

  @Test
  void tracedJob_tellsEverythingInOrder() {
    World world = new World(KIT, "lanes = 1", "prefetch = 0", "trace.sample = 0");
    ActorRef<PlannerCommand> planner = others.enlisted(world);
    PuzzleJob.Builder traced = TestModels.job(world.model, 1, 2).toBuilder();
    traced.getOptionsBuilder().setTrace(TraceChoice.TRACE_ON);
    // Longer by more than one segment: it ends last even where the other joins it late.
    planner.tell(others.admit(1, TestModels.job(world.model, 2, 5)));
    planner.tell(others.admit(2, traced.build()));
    ActorRef<WorkerCommand> real = world.worker();
    others.answer(2);
    others.answer(1);
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
