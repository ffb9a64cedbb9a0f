package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeskTest {
  private static final Instant NOW = Instant.ofEpochSecond(1000);

  private final Desk<String, String> desk = new Desk<>();
  private final List<String> admitted = new ArrayList<>();

  private void handOut() {
    desk.handOut(
        NOW, (ticket, job, planner) -> admitted.add(ticket + " " + job + " to " + planner));
  }

  @Test
  void handOut_withoutCredit_keepsEveryJob() {
    desk.list("m", List.of("p"), NOW);
    desk.wait("m", "a");
    handOut();
    assertEquals(List.of(), admitted);
    assertEquals(1, desk.jobs());
  }

  @Test
  void handOut_spreadsOverPlannersUpToTheirLimits() {
    desk.list("m", List.of("p", "q"), NOW);
    desk.limit("p", 1, NOW);
    desk.limit("q", 2, NOW);
    List.of("a", "b", "c", "d").forEach(job -> desk.wait("m", job));
    handOut();
    assertEquals(3, admitted.size());
    assertEquals(2, admitted.stream().filter(text -> text.endsWith("to q")).count());
    assertEquals(4, desk.jobs());
    assertEquals(3, desk.credit());
  }

  @Test
  void handOut_staysWithinTheModel() {
    desk.list("m", List.of("p"), NOW);
    desk.limit("p", 5, NOW);
    desk.wait("other", "a");
    handOut();
    assertEquals(List.of(), admitted);
  }

  @Test
  void lostPlanner_givesItsJobsBackAndVoidsTheirTickets() {
    desk.list("m", List.of("p"), NOW);
    desk.limit("p", 2, NOW);
    desk.wait("m", "a");
    desk.wait("m", "b");
    handOut();
    assertEquals(List.of("a", "b"), desk.lose("p"));
    assertEquals(Optional.empty(), desk.finish(1));
    assertEquals(0, desk.credit());
    assertEquals(List.of(), desk.lose("p"));
  }

  @Test
  void vanishedPlanner_isToldApartByModel_andIsNewWhenItComesBack() {
    assertEquals(List.of("p", "q"), desk.list("m", List.of("p", "q"), NOW));
    assertEquals(List.of("o"), desk.list("other", List.of("o"), NOW));
    assertEquals(List.of(), desk.list("m", List.of("p", "q"), NOW));
    assertEquals(List.of("p"), desk.vanished("m", List.of("q")));
    assertEquals(List.of(), desk.lose("p"));
    assertEquals(List.of(), desk.vanished("m", List.of("q")));
    assertEquals(List.of("p"), desk.list("m", List.of("p", "q"), NOW));
  }

  @Test
  void job_isFoundByItsTicket_untilItIsFinished() {
    desk.list("m", List.of("p"), NOW);
    desk.limit("p", 1, NOW);
    desk.wait("m", "a");
    handOut();
    assertEquals(Optional.of("a"), desk.job(1));
    assertEquals(Optional.of("a"), desk.finish(1));
    assertEquals(Optional.empty(), desk.job(1));
  }

  @Test
  void missing_areTheJobsThatThePlannerShouldHaveAndHasNot() {
    desk.list("m", List.of("p"), NOW);
    desk.limit("p", 5, NOW);
    List.of("a", "b", "c").forEach(job -> desk.wait("m", job));
    handOut(); // tickets 1 to 3
    assertEquals(List.of(), desk.missing("p", 0, Set.of(), NOW), "still on their way");
    assertEquals(List.of(), desk.missing("p", 2, Set.of(1L, 2L), NOW));
    assertEquals(List.of("a"), desk.missing("p", 2, Set.of(2L), NOW));
    assertEquals(Optional.empty(), desk.finish(1), "its ticket is void");
    assertEquals(List.of("c"), desk.missing("p", 2, Set.of(2L), NOW.plusSeconds(1)), "too long");
    assertEquals(List.of(), desk.missing("q", 9, Set.of(), NOW));
    assertEquals(Optional.of("b"), desk.finish(2));
  }

  @Test
  void silentPlanners_areThoseNotHeardOfSince() {
    desk.list("m", List.of("p", "q"), NOW);
    desk.limit("q", 1, NOW.plusSeconds(5));
    assertEquals(List.of("p"), desk.silentSince(NOW.plusSeconds(3)));
    assertEquals(List.of(), desk.silentSince(NOW));
  }

  @Test
  void plannerThatTellsOfAJob_isNotSilent() {
    desk.list("m", List.of("p"), NOW);
    desk.limit("p", 1, NOW);
    desk.wait("m", "a");
    handOut(); // ticket 1
    desk.heard(1, NOW.plusSeconds(5));
    assertEquals(List.of(), desk.silentSince(NOW.plusSeconds(5)));
    desk.heard(7, NOW.plusSeconds(9)); // of nobody's job
    assertEquals(List.of("p"), desk.silentSince(NOW.plusSeconds(6)));
  }

  /** The planner to which the next job goes, after so many seconds; "-" for none. */
  private String next(int seconds) {
    admitted.clear();
    desk.wait("m", "j");
    desk.handOut(NOW.plusSeconds(seconds), (ticket, job, planner) -> admitted.add(planner));
    if (admitted.isEmpty()) {
      desk.leave("m", "j");
      return "-";
    }
    return admitted.get(0);
  }

  @Test
  void plannerThatFails_isPassedOver_longerEachTime_untilItDoesWell() {
    desk.list("m", List.of("sick", "well"), NOW);
    desk.limit("sick", 9, NOW);
    desk.limit("well", 2, NOW);
    assertEquals("sick", next(0)); // ticket 1
    assertEquals("sick", next(0));
    desk.judge(1, false, NOW);
    desk.judge(2, false, NOW); // of the same batch
    desk.finish(1);
    assertEquals("well", next(0));
    assertEquals("well", next(0));
    assertEquals("-", next(0), "it has the only credit, and still gets nothing");
    assertEquals("sick", next(1)); // ticket 5
    desk.judge(5, false, NOW.plusSeconds(1));
    assertEquals("-", next(2));
    assertEquals("sick", next(3));
    desk.judge(2, false, NOW.plusSeconds(3));
    desk.judge(2, true, NOW.plusSeconds(3));
    assertEquals("sick", next(3));
    desk.judge(2, false, NOW.plusSeconds(3));
    assertEquals("sick", next(4), "as after the first failure");
    desk.judge(99, false, NOW); // of nobody's job
  }

  @Test
  void plannersThatFail_getJobsWhileThereIsNoOther() {
    desk.list("m", List.of("sick", "vacant"), NOW);
    desk.limit("sick", 2, NOW);
    assertEquals("sick", next(0));
    desk.judge(1, false, NOW);
    assertEquals("sick", next(0));
  }

  @Test
  void jobs_countsWhatIsWithPlannersAndWhatWaits_whicheverWayItLeaves() {
    desk.list("m", List.of("p", "q"), NOW);
    desk.limit("p", 2, NOW);
    desk.limit("q", 1, NOW);
    List.of("a", "b", "c", "d").forEach(job -> desk.wait("m", job));
    handOut();
    assertEquals(4, desk.jobs());
    desk.lose("p");
    assertEquals(2, desk.jobs());
    long ofQ = admitted.stream().filter(text -> text.endsWith("q")).count();
    assertEquals(1, ofQ);
    for (long ticket = 1; ticket <= 3; ticket++) {
      desk.finish(ticket);
    }
    assertEquals(1, desk.jobs());
  }

  @Test
  void waitInFront_goesFirst() {
    desk.wait("m", "a");
    desk.waitInFront("m", "b");
    desk.list("m", List.of("p"), NOW);
    desk.limit("p", 1, NOW);
    handOut();
    assertEquals(List.of("1 b to p"), admitted);
  }
}
