package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Busy;
import hrm.actors.Protocol.DispatcherCommand;
import hrm.actors.Protocol.Enlist;
import hrm.actors.Protocol.Failed;
import hrm.actors.Protocol.Finished;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Progress;
import hrm.actors.Protocol.Pulse;
import hrm.actors.Protocol.Reached;
import hrm.actors.Protocol.Vacancies;
import hrm.model.Carry;
import hrm.proto.JobFailure;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What the dispatcher does when planners die, fall silent or fail. */
class DispatcherLossTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  private final PlayedPlanners played = new PlayedPlanners(KIT);

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  @Test
  void lostPlannersJobs_goToAnother_andAreAnsweredOnce() {
    ActorRef<DispatcherCommand> dispatcher = played.dispatcher();
    TestProbe<PlannerCommand> mortal = played.planner();
    dispatcher.tell(new Vacancies(mortal.ref(), 2));
    dispatcher.tell(played.submit(1));
    dispatcher.tell(played.submit(2));
    Admit lost1 = mortal.expectMessageClass(Admit.class);
    Admit lost2 = mortal.expectMessageClass(Admit.class);
    mortal.stop();
    TestProbe<PlannerCommand> heir = played.planner();
    dispatcher.tell(new Vacancies(heir.ref(), 2));
    Admit again1 = heir.expectMessageClass(Admit.class);
    Admit again2 = heir.expectMessageClass(Admit.class);
    assertEquals(lost1.job(), again1.job());
    assertEquals(lost1.attempt(), again1.attempt());
    dispatcher.tell(PlayedPlanners.answer(lost1, "late"));
    dispatcher.tell(PlayedPlanners.answer(again2, "second"));
    dispatcher.tell(PlayedPlanners.answer(lost2, "late"));
    dispatcher.tell(PlayedPlanners.answer(again1, "first"));
    dispatcher.tell(PlayedPlanners.answer(again1, "doubled"));
    played.expectAnswer(2, "second");
    played.expectAnswer(1, "first");
    // Nothing else has come: the next answer is the next job's.
    dispatcher.tell(played.submit(3));
    dispatcher.tell(PlayedPlanners.answer(heir.expectMessageClass(Admit.class), "third"));
    played.expectAnswer(3, "third");
  }

  @Test
  void jobThatNeverArrived_isHandedOutAgain() {
    ActorRef<DispatcherCommand> dispatcher = played.dispatcher();
    TestProbe<PlannerCommand> planner = played.planner();
    dispatcher.tell(new Vacancies(planner.ref(), 3));
    for (int i = 1; i <= 3; i++) {
      dispatcher.tell(played.submit(i));
    }
    Admit first = planner.expectMessageClass(Admit.class);
    Admit lost = planner.expectMessageClass(Admit.class);
    Admit third = planner.expectMessageClass(Admit.class);
    List<Long> arrived = List.of(first.ticket(), third.ticket());
    dispatcher.tell(new Pulse(planner.ref(), 3, third.ticket(), arrived));
    Admit again = planner.expectMessageClass(Admit.class);
    assertEquals(lost.job(), again.job());
    assertTrue(again.ticket() > third.ticket());
    dispatcher.tell(PlayedPlanners.answer(lost, "late"));
    dispatcher.tell(PlayedPlanners.answer(again, "second"));
    played.expectAnswer(2, "second");
  }

  @Test
  void silentPlanner_losesItsJobs_andIsAskedAgain() {
    ActorRef<DispatcherCommand> dispatcher = played.dispatcher("pulse = 10ms", "silence = 30s");
    TestProbe<PlannerCommand> silent = played.planner();
    dispatcher.tell(new Vacancies(silent.ref(), 1));
    dispatcher.tell(played.submit(1));
    Admit before = silent.expectMessageClass(Admit.class);
    played.steady.pass(Duration.ofSeconds(31));
    silent.expectMessageClass(Enlist.class);
    dispatcher.tell(new Vacancies(silent.ref(), 1));
    Admit after = silent.expectMessageClass(Admit.class);
    assertEquals(before.job(), after.job());
    assertTrue(after.ticket() > before.ticket());
  }

  @Test
  void clockThatIsSet_makesNoPlannerSilent() {
    ActorRef<DispatcherCommand> dispatcher =
        played.dispatcher("pulse = 10ms", "silence = 1h", "answer-timeout = 1h", "waiting = 1");
    TestProbe<PlannerCommand> planner = played.planner();
    dispatcher.tell(new Vacancies(planner.ref(), 1));
    dispatcher.tell(played.submit(1));
    Admit admit = planner.expectMessageClass(Admit.class);
    dispatcher.tell(played.submit(played.other, 2)); // waits, and is refused after half an hour
    dispatcher.tell(played.submit(played.other, 3)); // refused at once, so the other has arrived
    played.client.expectMessageClass(Busy.class);
    played.clock.pass(Duration.ofHours(2));
    played.steady.pass(Duration.ofMinutes(31));
    played.client.expectMessageClass(Busy.class); // by then the silent had been looked for
    dispatcher.tell(PlayedPlanners.answer(admit, "done"));
    played.expectAnswer(1, "done");
  }

  @Test
  void plannerReportedDead_butStillListed_isAskedAgain() {
    ActorRef<DispatcherCommand> dispatcher = played.dispatcher("pulse = 10ms");
    TestProbe<PlannerCommand> alive = played.planner();
    dispatcher.tell(new Dispatcher.PlannerLost(alive.ref()));
    alive.expectMessageClass(Enlist.class);
    dispatcher.tell(new Vacancies(alive.ref(), 1));
    dispatcher.tell(played.submit(1));
    alive.expectMessageClass(Admit.class);
  }

  @Test
  void plannerWhoseArithmeticFails_isPassedOver() {
    assertPassedOver(JobFailure.Cause.SOLVER_ERROR);
  }

  /** It has what the gateway accepts refused by settings of its own, and would have every job. */
  @Test
  void plannerThatRefuses_isPassedOver() {
    assertPassedOver(JobFailure.Cause.INVALID);
  }

  private void assertPassedOver(JobFailure.Cause cause) {
    ActorRef<DispatcherCommand> dispatcher = played.dispatcher("pulse = 10ms");
    TestProbe<PlannerCommand> sick = played.planner();
    dispatcher.tell(new Vacancies(sick.ref(), 9));
    dispatcher.tell(played.submit(1));
    Admit admit = sick.expectMessageClass(Admit.class);
    TestProbe<PlannerCommand> well = played.planner();
    dispatcher.tell(new Vacancies(well.ref(), 1));
    JobFailure failure = JobFailure.newBuilder().setCause(cause).setMessage("NaN").build();
    dispatcher.tell(new Finished(admit.ticket(), new Failed(failure)));
    assertEquals(failure, played.client.expectMessageClass(Failed.class).failure());
    dispatcher.tell(played.submit(2));
    well.expectMessageClass(Admit.class);
    dispatcher.tell(played.submit(3));
    played.steady.pass(Duration.ofSeconds(2));
    assertEquals("job-3", sick.expectMessageClass(Admit.class).job().getId());
  }

  @Test
  void progress_goesWithTheJobToTheNextPlanner() {
    ActorRef<DispatcherCommand> dispatcher = played.dispatcher();
    TestProbe<PlannerCommand> mortal = played.planner();
    dispatcher.tell(new Vacancies(mortal.ref(), 1));
    dispatcher.tell(played.submit(1));
    Admit admit = mortal.expectMessageClass(Admit.class);
    assertTrue(admit.resume().isEmpty());
    Progress early = new Progress(2, new Carry(null, null));
    Progress late = new Progress(4, new Carry(null, null));
    dispatcher.tell(new Reached(admit.ticket(), early));
    dispatcher.tell(new Reached(admit.ticket(), late));
    dispatcher.tell(new Reached(admit.ticket() + 7, early)); // of nobody's job
    mortal.stop();
    TestProbe<PlannerCommand> heir = played.planner();
    dispatcher.tell(new Vacancies(heir.ref(), 1));
    assertSame(late, heir.expectMessageClass(Admit.class).resume().orElseThrow());
  }

  @Test
  void jobWhosePlannersKeepDying_isGivenUp() {
    ActorRef<DispatcherCommand> dispatcher = played.dispatcher("max-handovers = 1");
    dispatcher.tell(played.submit(1));
    for (int i = 0; i < 2; i++) {
      TestProbe<PlannerCommand> mortal = played.planner();
      dispatcher.tell(new Vacancies(mortal.ref(), 2));
      mortal.expectMessageClass(Admit.class);
      mortal.stop();
    }
    JobFailure failure = played.client.expectMessageClass(Failed.class).failure();
    assertEquals(JobFailure.Cause.TOO_MANY_ATTEMPTS, failure.getCause());
    assertTrue(failure.getMessage().contains("job-1"), failure.getMessage());
  }
}
