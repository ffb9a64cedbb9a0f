package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SeedWatchTest {
  private static List<String> seeds(String text) {
    return text == null ? List.of() : Arrays.asList(text.split(" "));
  }

  /** Of two clusters of the same seeds one stays, whichever the order they are written in. */
  @ParameterizedTest
  @CsvSource({
    "a:1 b:1 c:1, b:1 c:1, true",
    "a:1 b:1 c:1, a:1, false",
    "a:1 b:1 c:1, , false",
    "a:1 b:1, b:1, false",
    "b:1 a:1, a:1, true",
    "d:1 c:1 b:1 a:1, d:1 c:1, false",
    "d:1 c:1 b:1 a:1, a:1 b:1, true",
  })
  void smallerCluster_yields(String all, String missing, boolean yields) {
    assertEquals(yields, SeedWatch.yields(seeds(all), seeds(missing)));
  }
}
