package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DeskTest {
  private final Desk<String, String> desk = new Desk<>();
  private final List<String> admitted = new ArrayList<>();

  private void handOut() {
    desk.handOut((ticket, job, planner) -> admitted.add(ticket + " " + job + " to " + planner));
  }

  @Test
  void handOut_withoutCredit_keepsEveryJob() {
    desk.list("m", List.of("p"));
    desk.wait("m", "a");
    handOut();
    assertEquals(List.of(), admitted);
    assertEquals(1, desk.jobs());
  }

  @Test
  void handOut_spreadsOverPlannersUpToTheirLimits() {
    desk.list("m", List.of("p", "q"));
    desk.limit("p", 1);
    desk.limit("q", 2);
    List.of("a", "b", "c", "d").forEach(job -> desk.wait("m", job));
    handOut();
    assertEquals(3, admitted.size());
    assertEquals(2, admitted.stream().filter(text -> text.endsWith("to q")).count());
    assertEquals(4, desk.jobs());
    assertEquals(3, desk.credit());
  }

  @Test
  void handOut_staysWithinTheModel() {
    desk.list("m", List.of("p"));
    desk.limit("p", 5);
    desk.wait("other", "a");
    handOut();
    assertEquals(List.of(), admitted);
  }

  @Test
  void lostPlanner_givesItsJobsBackAndVoidsTheirTickets() {
    desk.list("m", List.of("p"));
    desk.limit("p", 2);
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
    assertEquals(List.of("p", "q"), desk.list("m", List.of("p", "q")));
    assertEquals(List.of("o"), desk.list("other", List.of("o")));
    assertEquals(List.of(), desk.list("m", List.of("p", "q")));
    assertEquals(List.of("p"), desk.vanished("m", List.of("q")));
    assertEquals(List.of(), desk.lose("p"));
    assertEquals(List.of(), desk.vanished("m", List.of("q")));
    assertEquals(List.of("p"), desk.list("m", List.of("p", "q")));
  }

  @Test
  void job_isFoundByItsTicket_untilItIsFinished() {
    desk.list("m", List.of("p"));
    desk.limit("p", 1);
    desk.wait("m", "a");
    handOut();
    assertEquals(Optional.of("a"), desk.job(1));
    assertEquals(Optional.of("a"), desk.finish(1));
    assertEquals(Optional.empty(), desk.job(1));
  }

  @Test
  void jobs_countsWhatIsWithPlannersAndWhatWaits_whicheverWayItLeaves() {
    desk.list("m", List.of("p", "q"));
    desk.limit("p", 2);
    desk.limit("q", 1);
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
    desk.list("m", List.of("p"));
    desk.limit("p", 1);
    handOut();
    assertEquals(List.of("1 b to p"), admitted);
  }
}
