package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class LentTest {
  private final List<String> givenBack = new ArrayList<>();
  private final Lent<String, String> lent = new Lent<>(givenBack::add);

  @Test
  void state_heldAndLent_isGivenBackWhenBothAreDone() {
    lent.hold("z");
    lent.lend("w", 1, List.of("z"), 0);
    lent.release("z");
    assertEquals(List.of(), givenBack);
    lent.answered("w", 1);
    assertEquals(List.of("z"), givenBack);
  }

  @Test
  void answer_toALaterCycle_endsEarlierLoansOfThatWorkerOnly() {
    lent.lend("w", 1, List.of("a"), 0);
    lent.lend("w", 2, List.of("b"), 0);
    lent.lend("v", 3, List.of("c"), 0);
    lent.answered("w", 2);
    assertEquals(List.of("a", "b"), givenBack);
    assertTrue(lent.awaited(3));
  }

  @Test
  void answer_toACycleNotLent_changesNothing() {
    lent.lend("w", 1, List.of("a"), 0);
    lent.answered("w", 7);
    lent.answered("v", 1);
    assertEquals(List.of(), givenBack);
  }

  @Test
  void cycle_sentTwiceToOneWorker_staysLentUntilTheSecondAnswer() {
    lent.lend("w", 1, List.of("a"), 0);
    lent.lend("w", 1, List.of("a"), 0);
    lent.answered("w", 1);
    assertEquals(List.of(), givenBack);
    lent.answered("w", 1);
    assertEquals(List.of("a"), givenBack);
  }

  @Test
  void answer_tellsWhenThatWorkerWasAsked_thoughAnotherWasAskedSince() {
    lent.lend("slow", 1, List.of(), 100);
    lent.lend("other", 1, List.of(), 200);
    assertEquals(OptionalLong.of(100), lent.answered("slow", 1));
    assertEquals(OptionalLong.of(200), lent.answered("other", 1));
    assertEquals(OptionalLong.empty(), lent.answered("other", 1));
  }

  @Test
  void awaited_ofThoseThatAreMeant() {
    lent.lend("w", 1, List.of(), 0);
    assertTrue(lent.awaited(1, "w"::equals));
    assertFalse(lent.awaited(1, "v"::equals));
    assertFalse(lent.awaited(2, "w"::equals));
  }

  @Test
  void worker_lost_readsNothingAnyMore() {
    lent.hold("a");
    lent.lend("w", 1, List.of("a"), 0);
    lent.lend("w", 2, List.of("b"), 0);
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
    lent.lend("busy", 1, List.of(), 0);
    lent.lend("busy", 2, List.of(), 0);
    lent.lend("asked", 3, List.of(), 0);
    assertEquals(Optional.of("idle"), lent.choose(List.of("busy", "asked", "idle"), 9));
    assertEquals(Optional.of("busy"), lent.choose(List.of("busy", "asked"), 3));
    assertEquals(Optional.of("asked"), lent.choose(List.of("asked"), 3));
    assertEquals(Optional.empty(), lent.choose(List.of(), 3));
  }
}
