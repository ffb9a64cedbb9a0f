package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CreditsTest {
  private final Credits<String> credits = new Credits<>(10);

  @Test
  void oneDispatcher_isToldOnceThatAllPlacesAreItsOwn() {
    credits.enlist("a");
    assertEquals(Map.of("a", 10), credits.news());
    credits.took("a");
    assertEquals(Map.of(), credits.news());
    credits.freed("a");
    assertEquals(Map.of(), credits.news());
  }

  @Test
  void twoDispatchers_shareWhatIsFree() {
    credits.enlist("a");
    credits.enlist("b");
    assertEquals(Map.of("a", 10, "b", 10), credits.news());
    credits.took("a");
    credits.took("a");
    assertEquals(Map.of("b", 8), credits.news());
    credits.remove("a");
    assertEquals(Map.of("b", 10), credits.news());
  }

  @Test
  void enlistAgain_isToldAgain() {
    credits.enlist("a");
    credits.news();
    credits.took("a");
    credits.enlist("a");
    assertEquals(Map.of("a", 10), credits.news());
  }

  @Test
  void overdrawn_leavesNoPlaceFree() {
    credits.enlist("a");
    credits.enlist("b");
    credits.news();
    for (int i = 0; i < 10; i++) {
      credits.took("a");
      credits.took("b");
    }
    assertEquals(Map.of(), credits.news());
    credits.freed("b");
    assertEquals(Map.of("b", 9), credits.news());
  }

  @Test
  void heldBack_keepsWhatItHas_andTheOthersEveryPlace() {
    credits.enlist("a");
    credits.enlist("b");
    credits.took("a");
    credits.news();
    credits.holdBack("a"::equals);
    assertEquals(Map.of("a", 1), credits.news());
    credits.freed("a");
    assertEquals(Map.of("a", 0, "b", 10), credits.news());
  }
}
