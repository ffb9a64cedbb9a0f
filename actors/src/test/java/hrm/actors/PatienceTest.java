package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PatienceTest {
  private final Patience patience = new Patience(Duration.ofSeconds(30));

  @Test
  void beforeTheFirstAnswer_isTheMost() {
    assertEquals(Duration.ofSeconds(30), patience.now(1));
  }

  @Test
  void laneThatFillsUp_isWaitedForByItsRows() {
    patience.took(Duration.ofMillis(200), 1);
    assertEquals(Duration.ofMillis(800), patience.now(1));
    assertEquals(Duration.ofMillis(25_600), patience.now(32));
  }

  @Test
  void slowestOfTheLastAnswers_counts_withinTheBounds() {
    patience.took(Duration.ofMillis(1), 1);
    assertEquals(Patience.LEAST, patience.now(1));
    patience.took(Duration.ofMillis(6400), 32);
    patience.took(Duration.ofMillis(1), 1);
    assertEquals(Duration.ofMillis(1600), patience.now(2));
    assertEquals(Duration.ofSeconds(30), patience.now(64));
  }

  @Test
  void answersThatTakeLongerThanTheMost_areWaitedForAllTheSame() {
    patience.took(Duration.ofSeconds(50), 1);
    assertEquals(Duration.ofSeconds(100), patience.now(1));
  }
}
