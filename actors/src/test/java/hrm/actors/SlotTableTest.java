package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlotTableTest {
  private final SlotTable<String> table = new SlotTable<>(4);

  @Test
  void reseat_empty_seatsNewcomersInFreshRows() {
    assertArrayEquals(new int[] {-1, -1}, table.reseat(List.of("a", "b")));
    assertEquals(List.of("a", "b"), table.rows());
  }

  @Test
  void reseat_afterHalts_movesTheOthersUpAndAppends() {
    table.reseat(List.of("a", "b", "c", "d"));
    table.halt(0);
    table.halt(2);
    assertEquals(2, table.occupied());
    assertArrayEquals(new int[] {1, 3, -1}, table.reseat(List.of("e")));
    assertEquals(List.of("b", "d", "e"), table.rows());
    assertArrayEquals(new int[] {0, 1, 2}, table.reseat(List.of()));
  }

  @Test
  void reseat_everybodyHalted_leavesNoRows() {
    table.reseat(List.of("a"));
    table.halt(0);
    assertArrayEquals(new int[0], table.reseat(List.of()));
    assertEquals(List.of(), table.rows());
  }

  @Test
  void reseat_moreThanVacant_isRefused() {
    table.reseat(List.of("a", "b", "c"));
    assertThrows(IllegalStateException.class, () -> table.reseat(List.of("d", "e")));
    assertEquals(List.of("a", "b", "c"), table.rows());
  }

  @ParameterizedTest
  @CsvSource({
    // elsewhere, waiting, lanes, share of a lane of 4 where one sits
    "0, 0, 1, 0",
    "0, 2, 1, 2",
    "0, 9, 1, 3",
    "0, 3, 2, 1",
    "0, 4, 2, 2",
    "3, 2, 2, 2",
    "4, 9, 2, 3",
    "1, 0, 2, 0",
    "0, 1, 2, 0",
  })
  void share_isWhatLevelsTheLanes(int elsewhere, int waiting, int lanes, int share) {
    table.reseat(List.of("a"));
    assertEquals(share, table.share(elsewhere, waiting, lanes));
  }

  @Test
  void share_emptyLane_alwaysTakesSomebodyWhoWaits() {
    assertEquals(1, table.share(0, 1, 8));
    assertEquals(1, table.share(4, 1, 2));
  }
}
