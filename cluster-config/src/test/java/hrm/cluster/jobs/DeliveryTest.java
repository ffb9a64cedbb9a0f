package hrm.cluster.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.proto.JobFailure;
import hrm.proto.PuzzleResult;
import org.junit.jupiter.api.Test;

class DeliveryTest {
  private static final Puzzle PUZZLE = PuzzleFile.puzzle("12..34..2.4.4.2.");
  private static final String ANSWER = "1234341221434321";
  private static final String BREAKS_RULES = "1244341221434321";
  private static final String CHANGES_CLUE = "2134342112434312";

  private final Delivery delivery = new Delivery("run");
  private final String first = delivery.job(PUZZLE).build().getId();
  private final String second = delivery.job(PUZZLE).build().getId();

  private boolean answered(String id, String text) {
    return delivery.answered(
        PuzzleResult.newBuilder()
            .setJobId(id)
            .setText(text)
            .setSolved(true)
            .setSegments(2)
            .build());
  }

  @Test
  void jobs_haveIdsOfTheirOwn() {
    assertNotEquals(first, second);
    assertNotEquals(Delivery.newRun("x"), Delivery.newRun("x"));
  }

  @Test
  void answered_everyJobOnce_isExactlyOnce() {
    assertTrue(answered(first, ANSWER));
    assertFalse(delivery.complete());
    assertTrue(answered(second, ANSWER));
    assertTrue(delivery.complete() && delivery.exactlyOnce());
    assertEquals(2, delivery.solved());
    assertEquals(2.0, delivery.meanSegments());
  }

  @Test
  void answered_twice_isADuplicate() {
    answered(first, ANSWER);
    answered(second, ANSWER);
    assertFalse(answered(first, ANSWER));
    assertEquals(1, delivery.duplicates());
    assertFalse(delivery.exactlyOnce());
  }

  @Test
  void answered_ofAnotherRun_isIgnored() {
    assertFalse(answered("other-000001", ANSWER));
    assertEquals(0, delivery.results());
  }

  @Test
  void solved_claimedWrongly_isNotCounted() {
    answered(first, BREAKS_RULES);
    answered(second, CHANGES_CLUE);
    assertEquals(2, delivery.results());
    assertEquals(0, delivery.solved());
    assertFalse(PUZZLE.solvedBy("") || PUZZLE.solvedBy("9".repeat(16)));
  }

  @Test
  void failed_jobIsBackButNotAnswered() {
    answered(first, ANSWER);
    assertTrue(delivery.failed(JobFailure.newBuilder().setJobId(second).build()));
    assertTrue(delivery.complete());
    assertFalse(delivery.exactlyOnce());
    assertEquals(1, delivery.deadLettered());
  }
}
