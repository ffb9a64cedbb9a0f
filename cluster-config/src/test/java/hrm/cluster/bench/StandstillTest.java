package hrm.cluster.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StandstillTest {
  private static final Instant LOST = Instant.EPOCH.plusSeconds(100);

  private final Standstill standstill = new Standstill(LOST, Duration.ofSeconds(1));

  private void cycle(String job, int millis) {
    standstill.cycle(job, LOST.plusMillis(millis));
  }

  /** The first was under way when the node was lost; what the loss cost follows. */
  @Test
  void longestTimeBetweenTwoCycles_counts_notTheFirst() {
    standstill.follow("a");
    cycle("a", -20);
    cycle("a", 5);
    cycle("a", 600);
    cycle("a", 700);
    assertEquals(Set.of("a"), standstill.followed());
    cycle("a", 1010);
    assertEquals(Set.of(), standstill.followed());
    cycle("a", 5000);
    assertEquals(.595, standstill.seconds());
  }

  @Test
  void standstillThatBeginsInTime_isFollowedToItsEnd() {
    standstill.follow("a");
    cycle("a", 900);
    cycle("a", 3000);
    assertEquals(2.1, standstill.seconds());
  }

  @Test
  void answeredJobs_areFollowedNoMore_andOthersNever() {
    standstill.follow("a");
    standstill.follow("b");
    cycle("c", 500);
    standstill.retain(Set.of("b", "c"));
    cycle("a", 400);
    cycle("b", 30);
    assertEquals(Set.of("b"), standstill.followed());
    assertEquals(.03, standstill.seconds());
  }
}
