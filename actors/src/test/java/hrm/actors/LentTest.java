package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LentTest {
  private final List<String> givenBack = new ArrayList<>();
  private final Lent<String, String> lent = new Lent<>(givenBack::add);

  @Test
  void state_heldAndLent_isGivenBackWhenBothAreDone() {
    lent.hold("z");
    lent.lend("w", 1, List.of("z"));
    lent.release("z");
    assertEquals(List.of(), givenBack);
    lent.answered("w", 1);
    assertEquals(List.of("z"), givenBack);
  }

  @Test
  void answer_toALaterCycle_endsEarlierLoansOfThatWorkerOnly() {
    lent.lend("w", 1, List.of("a"));
    lent.lend("w", 2, List.of("b"));
    lent.lend("v", 3, List.of("c"));
    lent.answered("w", 2);
    assertEquals(List.of("a", "b"), givenBack);
    assertTrue(lent.awaited(3));
  }

  @Test
  void answer_toACycleNotLent_changesNothing() {
    lent.lend("w", 1, List.of("a"));
    lent.answered("w", 7);
    lent.answered("v", 1);
    assertEquals(List.of(), givenBack);
  }

  @Test
  void cycle_sentTwiceToOneWorker_staysLentUntilTheSecondAnswer() {
    lent.lend("w", 1, List.of("a"));
    lent.lend("w", 1, List.of("a"));
    lent.answered("w", 1);
    assertEquals(List.of(), givenBack);
    lent.answered("w", 1);
    assertEquals(List.of("a"), givenBack);
  }

  @Test
  void worker_lost_readsNothingAnyMore() {
    lent.hold("a");
    lent.lend("w", 1, List.of("a"));
    lent.lend("w", 2, List.of("b"));
    lent.lost("w");
    assertEquals(List.of("b"), givenBack);
    assertFalse(lent.awaited(1));
  }

  @Test
  void discard_stateInUse_isKept() {
    lent.hold("a");
    lent.discard("a");
    lent.discard("late");
    assertEquals(List.of("late"), givenBack);
  }

  @Test
  void choose_prefersTheUnaskedThenTheLeastLoaded() {
    lent.lend("busy", 1, List.of());
    lent.lend("busy", 2, List.of());
    lent.lend("asked", 3, List.of());
    assertEquals(Optional.of("idle"), lent.choose(List.of("busy", "asked", "idle"), 9));
    assertEquals(Optional.of("busy"), lent.choose(List.of("busy", "asked"), 3));
    assertEquals(Optional.of("asked"), lent.choose(List.of("asked"), 3));
    assertEquals(Optional.empty(), lent.choose(List.of(), 3));
  }
}
