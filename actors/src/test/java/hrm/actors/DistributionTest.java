package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DistributionTest {
  @Test
  void values_fallBelowTheirUpperBound() {
    Distribution distribution = new Distribution(1, 10);
    for (double value : new double[] {-1, 1, 1.5, 10, 11, Double.NaN}) {
      distribution.add(value);
    }
    Distribution.Reading reading = distribution.read();
    assertArrayEquals(new double[] {1, 10, Double.POSITIVE_INFINITY}, reading.bounds());
    assertArrayEquals(new long[] {2, 2, 1}, reading.counts());
    assertEquals(5, reading.count());
    assertEquals(22.5, reading.sum());
  }

  @Test
  void models_haveDistributionsOfTheirOwn() {
    Meters meters = new Meters();
    meters.distribution(Measure.JOB_TICKS, "a").add(3);
    meters.distribution(Measure.JOB_TICKS, "b").add(4);
    List<String> seen = new ArrayList<>();
    meters.distributions(
        (model, measures) ->
            seen.add(model + measures.get(Measure.JOB_TICKS).read().sum() + measures.size()));
    assertEquals(List.of("a3.0" + Measure.values().length, "b4.0" + Measure.values().length), seen);
  }
}
