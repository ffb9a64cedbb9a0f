package hrm.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SeedsTest {
  @Test
  void of_neighbours_haveStreamsWithoutACommonDraw() {
    Set<Long> draws = new HashSet<>();
    int streams = 0;
    for (int a = 0; a < 5; a++) {
      for (int b = 0; b < 40; b++) {
        for (int c = 0; c < 40; c++, streams++) {
          new SplittableRandom(Seeds.of(a, b, c)).longs(4).forEach(draws::add);
        }
      }
    }
    assertEquals(4 * streams, draws.size());
  }

  @Test
  void of_orderAndCountMatter() {
    assertNotEquals(Seeds.of(1, 2), Seeds.of(2, 1));
    assertNotEquals(Seeds.of(0), Seeds.of(0, 0));
    assertEquals(Seeds.of(7, 8, 9), Seeds.of(7, 8, 9));
  }
}
