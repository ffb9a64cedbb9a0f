package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Answered;
import hrm.actors.Protocol.Busy;
import hrm.actors.Protocol.DispatcherCommand;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Submit;
import hrm.actors.Protocol.Vacancies;
import hrm.proto.HaltReason;
import hrm.proto.NodeReport;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What the dispatcher hands out, and to whom. */
class DispatcherTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  private final PlayedPlanners played = new PlayedPlanners(KIT);

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  @Test
  void jobs_goOutOnlyAgainstCredit_andTheRestIsRefused() {
    ActorRef<DispatcherCommand> dispatcher = played.dispatcher("waiting = 2");
    TestProbe<PlannerCommand> planner = played.planner();
    dispatcher.tell(new Vacancies(planner.ref(), 2));
    for (int i = 0; i < 6; i++) {
      dispatcher.tell(played.submit(i));
    }
    // 2 with the planner, 2 waiting, 2 refused.
    assertEquals(4, played.client.expectMessageClass(Busy.class).capacity());
    played.client.expectMessageClass(Busy.class);
    assertEquals(2 + 2, played.capacity.get());
    Admit first = planner.expectMessageClass(Admit.class);
    planner.expectMessageClass(Admit.class);
    dispatcher.tell(PlayedPlanners.answer(first, "done"));
    played.expectAnswer(0, "done");
    // The next job comes because a place was freed, not before.
    assertEquals("job-2", planner.expectMessageClass(Admit.class).job().getId());
    dispatcher.tell(new Vacancies(planner.ref(), 3));
    assertEquals("job-3", planner.expectMessageClass(Admit.class).job().getId());
  }

  @Test
  void modelWithoutPlanners_takesNoRoomFromAnother() {
    ActorRef<DispatcherCommand> dispatcher = played.dispatcher("waiting = 2");
    TestProbe<PlannerCommand> planner = played.planner(played.other);
    dispatcher.tell(new Vacancies(planner.ref(), 3));
    for (int i = 0; i < 5; i++) {
      dispatcher.tell(played.submit(i));
    }
    for (int i = 0; i < 3; i++) {
      assertEquals(2, played.client.expectMessageClass(Busy.class).capacity());
    }
    assertEquals(3 + 2, played.capacity.get(), "those that wait take no planner's place");
    for (int i = 5; i < 8; i++) {
      dispatcher.tell(played.submit(played.other, i));
      assertEquals("job-" + i, planner.expectMessageClass(Admit.class).job().getId());
    }
  }

  /** An alert asks for it. */
  @Test
  void report_hasEveryModel_withItsPlannersAndItsWaitingJobs() {
    ActorRef<DispatcherCommand> dispatcher = played.dispatcher("waiting = 2", "pulse = 10ms");
    played.planner(played.other);
    dispatcher.tell(played.submit(1));
    played.client.awaitAssert(() -> assertModels(played.model.name() + " 0 1"));
    played.client.awaitAssert(() -> assertModels(played.other.name() + " 1 0"));
  }

  private Void assertModels(String wanted) {
    NodeReport.Builder report = NodeReport.newBuilder();
    played.meters.fill(report);
    List<String> models =
        report.getDispatcher().getModelsList().stream()
            .map(m -> m.getModel() + " " + m.getPlanners() + " " + m.getWaiting())
            .toList();
    assertTrue(models.size() == 2 && models.contains(wanted), models.toString());
    return null;
  }

  @Test
  void jobThatWaitsInVain_isRefusedBeforeItsSenderGivesItUp_andIsGone() {
    ActorRef<DispatcherCommand> dispatcher =
        played.dispatcher("waiting = 1", "pulse = 10ms", "answer-timeout = 1h");
    dispatcher.tell(played.submit(1));
    dispatcher.tell(played.submit(2)); // refused at once, so the first has arrived
    played.client.expectMessageClass(Busy.class);
    played.clock.pass(Duration.ofDays(1)); // is set: nobody has waited so long
    dispatcher.tell(played.submit(3)); // refused, so the first still waits
    played.client.expectMessageClass(Busy.class);
    played.steady.pass(Duration.ofMinutes(31));
    played.client.expectMessageClass(Busy.class);
    played.client.awaitAssert(() -> assertZero(played.capacity.get()));
    TestProbe<PlannerCommand> planner = played.planner();
    dispatcher.tell(new Vacancies(planner.ref(), 2));
    dispatcher.tell(played.submit(4));
    assertEquals("job-4", planner.expectMessageClass(Admit.class).job().getId());
  }

  private static Void assertZero(int number) {
    assertEquals(0, number);
    return null;
  }

  @Test
  void deadlinePassed_whileWaiting_isAnsweredWithoutAnAnswer() {
    ActorRef<DispatcherCommand> dispatcher = played.dispatcher("waiting = 1");
    PuzzleJob.Builder job = TestModels.job(played.model, 1, 1).toBuilder();
    job.getOptionsBuilder().setDeadline(Results.timestamp(played.clock.instant().plusMillis(50)));
    played.clock.pass(Duration.ofMillis(20));
    dispatcher.tell(new Submit(TestModels.task(played.model, job.build()), 4, played.client.ref()));
    dispatcher.tell(played.submit(2)); // refused, so the first has arrived
    played.client.expectMessageClass(Busy.class);
    played.clock.pass(Duration.ofMillis(40));
    PuzzleResult result = played.client.expectMessageClass(Answered.class).result();
    assertEquals(HaltReason.HALTED_DEADLINE, result.getHaltReason());
    assertEquals(0, result.getSegments());
    assertEquals(0, result.getTokensCount());
    assertEquals(4, result.getAttempt());
    assertEquals(played.model.sha256(), result.getModelSha256());
    assertEquals(1, durations().count(), "an answer like others");
    // It is gone: a planner that turns up gets the next one only.
    TestProbe<PlannerCommand> planner = played.planner();
    dispatcher.tell(new Vacancies(planner.ref(), 2));
    dispatcher.tell(played.submit(3));
    assertEquals("job-3", planner.expectMessageClass(Admit.class).job().getId());
  }

  private Distribution.Reading durations() {
    return played.meters.distribution(Measure.JOB_SECONDS, played.model.name()).read();
  }

  @Test
  void clockSetBack_makesNoDurationNegative() {
    ActorRef<DispatcherCommand> dispatcher = played.dispatcher();
    TestProbe<PlannerCommand> planner = played.planner();
    dispatcher.tell(new Vacancies(planner.ref(), 1));
    dispatcher.tell(played.submit(1));
    Admit admit = planner.expectMessageClass(Admit.class);
    played.clock.pass(Duration.ofHours(-1));
    played.steady.pass(Duration.ofSeconds(3));
    dispatcher.tell(PlayedPlanners.answer(admit, "done"));
    played.expectAnswer(1, "done");
    assertEquals(3.0, durations().sum(), 1e-9);
  }

  @Test
  void waited_countsFromArrival() {
    ActorRef<DispatcherCommand> dispatcher = played.dispatcher("waiting = 1");
    dispatcher.tell(played.submit(1));
    dispatcher.tell(played.submit(2)); // refused, so the first has arrived
    played.client.expectMessageClass(Busy.class);
    played.clock.pass(Duration.ofHours(-1)); // is set back
    played.steady.pass(Duration.ofSeconds(7));
    TestProbe<PlannerCommand> planner = played.planner();
    dispatcher.tell(new Vacancies(planner.ref(), 1));
    assertEquals(Duration.ofSeconds(7), planner.expectMessageClass(Admit.class).waited());
  }
}
