package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.receptionist.Receptionist;
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Answered;
import hrm.actors.Protocol.Busy;
import hrm.actors.Protocol.DispatcherCommand;
import hrm.actors.Protocol.Enlist;
import hrm.actors.Protocol.Failed;
import hrm.actors.Protocol.Finished;
import hrm.actors.Protocol.Outcome;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Progress;
import hrm.actors.Protocol.Pulse;
import hrm.actors.Protocol.Reached;
import hrm.actors.Protocol.Submit;
import hrm.actors.Protocol.Vacancies;
import hrm.model.Carry;
import hrm.model.Model;
import hrm.proto.HaltReason;
import hrm.proto.JobFailure;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import hrm.proto.TraceEvent;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The dispatcher among planners that the test plays itself. */
class DispatcherTest {
  private final Queue<TraceEvent> events = new ConcurrentLinkedQueue<>();
  private static final ActorTestKit KIT = ActorTestKit.create();

  private final Model model = TestModels.tiny();
  private final Model other = TestModels.tiny();
  private final ManualClock clock = new ManualClock();
  private final ManualClock steady = new ManualClock();
  private final AtomicInteger capacity = new AtomicInteger();
  private final TestProbe<Outcome> client = KIT.createTestProbe(Outcome.class);

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  private ActorRef<DispatcherCommand> dispatcher(String... settings) {
    return KIT.spawn(
        Dispatcher.create(
            List.of(model, other),
            TestModels.settings(settings),
            clock,
            steady,
            new Tracing(events::add, TestModels.settings(settings), "here", clock, new Meters()),
            capacity::set,
            new Meters()));
  }

  private TestProbe<PlannerCommand> planner() {
    return planner(model);
  }

  private TestProbe<PlannerCommand> planner(Model model) {
    TestProbe<PlannerCommand> planner = KIT.createTestProbe(PlannerCommand.class);
    KIT.system().receptionist().tell(Receptionist.register(Planner.key(model), planner.ref()));
    planner.expectMessageClass(Enlist.class);
    return planner;
  }

  private Submit submit(int number) {
    return submit(model, number);
  }

  private Submit submit(Model model, int number) {
    return new Submit(TestModels.task(model, TestModels.job(model, number, 1)), 1, client.ref());
  }

  private static Finished answer(Admit admit, String text) {
    return new Finished(
        admit.ticket(),
        new Answered(
            PuzzleResult.newBuilder().setJobId(admit.job().getId()).setText(text).build()));
  }

  private void expectAnswer(int number, String text) {
    PuzzleResult result = client.expectMessageClass(Answered.class).result();
    assertEquals("job-" + number, result.getJobId());
    assertEquals(text, result.getText());
  }

  @Test
  void jobs_goOutOnlyAgainstCredit_andTheRestIsRefused() {
    ActorRef<DispatcherCommand> dispatcher = dispatcher("waiting = 2");
    TestProbe<PlannerCommand> planner = planner();
    dispatcher.tell(new Vacancies(planner.ref(), 2));
    for (int i = 0; i < 6; i++) {
      dispatcher.tell(submit(i));
    }
    // 2 with the planner, 2 waiting, 2 refused.
    assertEquals(4, client.expectMessageClass(Busy.class).capacity());
    client.expectMessageClass(Busy.class);
    assertEquals(2 + 2, capacity.get());
    Admit first = planner.expectMessageClass(Admit.class);
    planner.expectMessageClass(Admit.class);
    dispatcher.tell(answer(first, "done"));
    expectAnswer(0, "done");
    // The next job comes because a place was freed, not before.
    assertEquals("job-2", planner.expectMessageClass(Admit.class).job().getId());
    dispatcher.tell(new Vacancies(planner.ref(), 3));
    assertEquals("job-3", planner.expectMessageClass(Admit.class).job().getId());
  }

  @Test
  void modelWithoutPlanners_takesNoRoomFromAnother() {
    ActorRef<DispatcherCommand> dispatcher = dispatcher("waiting = 2");
    TestProbe<PlannerCommand> planner = planner(other);
    dispatcher.tell(new Vacancies(planner.ref(), 3));
    for (int i = 0; i < 5; i++) {
      dispatcher.tell(submit(i));
    }
    for (int i = 0; i < 3; i++) {
      assertEquals(2, client.expectMessageClass(Busy.class).capacity());
    }
    assertEquals(3 + 2, capacity.get(), "those that wait take no planner's place");
    for (int i = 5; i < 8; i++) {
      dispatcher.tell(submit(other, i));
      assertEquals("job-" + i, planner.expectMessageClass(Admit.class).job().getId());
    }
  }

  @Test
  void jobThatWaitsInVain_isRefusedBeforeItsSenderGivesItUp_andIsGone() {
    ActorRef<DispatcherCommand> dispatcher =
        dispatcher("waiting = 1", "pulse = 10ms", "answer-timeout = 1h");
    dispatcher.tell(submit(1));
    dispatcher.tell(submit(2)); // refused at once, so the first has arrived
    client.expectMessageClass(Busy.class);
    clock.pass(Duration.ofMinutes(31));
    client.expectMessageClass(Busy.class);
    client.awaitAssert(() -> assertZero(capacity.get()));
    TestProbe<PlannerCommand> planner = planner();
    dispatcher.tell(new Vacancies(planner.ref(), 2));
    dispatcher.tell(submit(3));
    assertEquals("job-3", planner.expectMessageClass(Admit.class).job().getId());
  }

  private static Void assertZero(int number) {
    assertEquals(0, number);
    return null;
  }

  @Test
  void lostPlannersJobs_goToAnother_andAreAnsweredOnce() {
    ActorRef<DispatcherCommand> dispatcher = dispatcher();
    TestProbe<PlannerCommand> mortal = planner();
    dispatcher.tell(new Vacancies(mortal.ref(), 2));
    dispatcher.tell(submit(1));
    dispatcher.tell(submit(2));
    Admit lost1 = mortal.expectMessageClass(Admit.class);
    Admit lost2 = mortal.expectMessageClass(Admit.class);
    mortal.stop();
    TestProbe<PlannerCommand> heir = planner();
    dispatcher.tell(new Vacancies(heir.ref(), 2));
    Admit again1 = heir.expectMessageClass(Admit.class);
    Admit again2 = heir.expectMessageClass(Admit.class);
    assertEquals(lost1.job(), again1.job());
    assertEquals(lost1.attempt(), again1.attempt());
    dispatcher.tell(answer(lost1, "late"));
    dispatcher.tell(answer(again2, "second"));
    dispatcher.tell(answer(lost2, "late"));
    dispatcher.tell(answer(again1, "first"));
    dispatcher.tell(answer(again1, "doubled"));
    expectAnswer(2, "second");
    expectAnswer(1, "first");
    // Nothing else has come: the next answer is the next job's.
    dispatcher.tell(submit(3));
    dispatcher.tell(answer(heir.expectMessageClass(Admit.class), "third"));
    expectAnswer(3, "third");
  }

  @Test
  void jobThatNeverArrived_isHandedOutAgain() {
    ActorRef<DispatcherCommand> dispatcher = dispatcher();
    TestProbe<PlannerCommand> planner = planner();
    dispatcher.tell(new Vacancies(planner.ref(), 3));
    for (int i = 1; i <= 3; i++) {
      dispatcher.tell(submit(i));
    }
    Admit first = planner.expectMessageClass(Admit.class);
    Admit lost = planner.expectMessageClass(Admit.class);
    Admit third = planner.expectMessageClass(Admit.class);
    List<Long> arrived = List.of(first.ticket(), third.ticket());
    dispatcher.tell(new Pulse(planner.ref(), 3, third.ticket(), arrived));
    Admit again = planner.expectMessageClass(Admit.class);
    assertEquals(lost.job(), again.job());
    assertTrue(again.ticket() > third.ticket());
    dispatcher.tell(answer(lost, "late"));
    dispatcher.tell(answer(again, "second"));
    expectAnswer(2, "second");
  }

  @Test
  void silentPlanner_losesItsJobs_andIsAskedAgain() {
    ActorRef<DispatcherCommand> dispatcher = dispatcher("pulse = 10ms", "silence = 30s");
    TestProbe<PlannerCommand> silent = planner();
    dispatcher.tell(new Vacancies(silent.ref(), 1));
    dispatcher.tell(submit(1));
    Admit before = silent.expectMessageClass(Admit.class);
    steady.pass(Duration.ofSeconds(31));
    silent.expectMessageClass(Enlist.class);
    dispatcher.tell(new Vacancies(silent.ref(), 1));
    Admit after = silent.expectMessageClass(Admit.class);
    assertEquals(before.job(), after.job());
    assertTrue(after.ticket() > before.ticket());
  }

  @Test
  void clockThatIsSet_makesNoPlannerSilent() {
    ActorRef<DispatcherCommand> dispatcher =
        dispatcher("pulse = 10ms", "silence = 30s", "answer-timeout = 1h", "waiting = 1");
    TestProbe<PlannerCommand> planner = planner();
    dispatcher.tell(new Vacancies(planner.ref(), 1));
    dispatcher.tell(submit(1));
    Admit admit = planner.expectMessageClass(Admit.class);
    dispatcher.tell(submit(other, 2)); // waits, and is refused after half an hour
    dispatcher.tell(submit(other, 3)); // refused at once, so the other has arrived
    client.expectMessageClass(Busy.class);
    clock.pass(Duration.ofMinutes(31));
    client.expectMessageClass(Busy.class); // by then the silent had been looked for
    dispatcher.tell(answer(admit, "done"));
    expectAnswer(1, "done");
  }

  @Test
  void plannerReportedDead_butStillListed_isAskedAgain() {
    ActorRef<DispatcherCommand> dispatcher = dispatcher("pulse = 10ms");
    TestProbe<PlannerCommand> alive = planner();
    dispatcher.tell(new Dispatcher.PlannerLost(alive.ref()));
    alive.expectMessageClass(Enlist.class);
    dispatcher.tell(new Vacancies(alive.ref(), 1));
    dispatcher.tell(submit(1));
    alive.expectMessageClass(Admit.class);
  }

  @Test
  void plannerWhoseArithmeticFails_isPassedOver() {
    ActorRef<DispatcherCommand> dispatcher = dispatcher("pulse = 10ms");
    TestProbe<PlannerCommand> sick = planner();
    dispatcher.tell(new Vacancies(sick.ref(), 9));
    dispatcher.tell(submit(1));
    Admit admit = sick.expectMessageClass(Admit.class);
    TestProbe<PlannerCommand> well = planner();
    dispatcher.tell(new Vacancies(well.ref(), 1));
    JobFailure failure =
        JobFailure.newBuilder().setCause(JobFailure.Cause.SOLVER_ERROR).setMessage("NaN").build();
    dispatcher.tell(new Finished(admit.ticket(), new Failed(failure)));
    assertEquals(failure, client.expectMessageClass(Failed.class).failure());
    dispatcher.tell(submit(2));
    well.expectMessageClass(Admit.class);
    dispatcher.tell(submit(3));
    steady.pass(Duration.ofSeconds(2));
    assertEquals("job-3", sick.expectMessageClass(Admit.class).job().getId());
  }

  @Test
  void progress_goesWithTheJobToTheNextPlanner() {
    ActorRef<DispatcherCommand> dispatcher = dispatcher();
    TestProbe<PlannerCommand> mortal = planner();
    dispatcher.tell(new Vacancies(mortal.ref(), 1));
    dispatcher.tell(submit(1));
    Admit admit = mortal.expectMessageClass(Admit.class);
    assertTrue(admit.resume().isEmpty());
    Progress early = new Progress(2, new Carry(null, null));
    Progress late = new Progress(4, new Carry(null, null));
    dispatcher.tell(new Reached(admit.ticket(), early));
    dispatcher.tell(new Reached(admit.ticket(), late));
    dispatcher.tell(new Reached(admit.ticket() + 7, early)); // of nobody's job
    mortal.stop();
    TestProbe<PlannerCommand> heir = planner();
    dispatcher.tell(new Vacancies(heir.ref(), 1));
    assertSame(late, heir.expectMessageClass(Admit.class).resume().orElseThrow());
  }

  @Test
  void jobWhosePlannersKeepDying_isGivenUp() {
    ActorRef<DispatcherCommand> dispatcher = dispatcher("max-handovers = 1");
    dispatcher.tell(submit(1));
    for (int i = 0; i < 2; i++) {
      TestProbe<PlannerCommand> mortal = planner();
      dispatcher.tell(new Vacancies(mortal.ref(), 2));
      mortal.expectMessageClass(Admit.class);
      mortal.stop();
    }
    JobFailure failure = client.expectMessageClass(Failed.class).failure();
    assertEquals(JobFailure.Cause.TOO_MANY_ATTEMPTS, failure.getCause());
    assertTrue(failure.getMessage().contains("job-1"), failure.getMessage());
  }

  @Test
  void deadlinePassed_whileWaiting_isAnsweredWithoutAnAnswer() {
    ActorRef<DispatcherCommand> dispatcher = dispatcher();
    PuzzleJob.Builder job = TestModels.job(model, 1, 1).toBuilder();
    job.getOptionsBuilder().setDeadline(Results.timestamp(clock.instant().plusMillis(50)));
    clock.pass(Duration.ofMillis(20));
    dispatcher.tell(new Submit(TestModels.task(model, job.build()), 4, client.ref()));
    clock.pass(Duration.ofMillis(40));
    PuzzleResult result = client.expectMessageClass(Answered.class).result();
    assertEquals(HaltReason.HALTED_DEADLINE, result.getHaltReason());
    assertEquals(0, result.getSegments());
    assertEquals(0, result.getTokensCount());
    assertEquals(4, result.getAttempt());
    assertEquals(model.sha256(), result.getModelSha256());
    // It is gone: a planner that turns up gets the next one only.
    TestProbe<PlannerCommand> planner = planner();
    dispatcher.tell(new Vacancies(planner.ref(), 2));
    dispatcher.tell(submit(2));
    assertEquals("job-2", planner.expectMessageClass(Admit.class).job().getId());
  }

  @Test
  void waited_countsFromArrival() {
    ActorRef<DispatcherCommand> dispatcher = dispatcher("waiting = 1");
    dispatcher.tell(submit(1));
    dispatcher.tell(submit(2)); // refused, so the first has arrived
    client.expectMessageClass(Busy.class);
    clock.pass(Duration.ofSeconds(7));
    TestProbe<PlannerCommand> planner = planner();
    dispatcher.tell(new Vacancies(planner.ref(), 1));
    assertEquals(Duration.ofSeconds(7), planner.expectMessageClass(Admit.class).waited());
  }
}
