package hrm.model.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScaleTest {
  @Test
  void linear_ofShares_hasRoundValues() {
    assertEquals(List.of(0.0, 0.2, 0.4, 0.6, 0.8, 1.0), Scale.linear(0, 1).values());
  }

  @Test
  void linear_ofOneValue_stillHasRoom() {
    Scale scale = Scale.linear(7, 7);
    assertEquals(0, scale.share(7));
    assertTrue(scale.values().size() > 1);
  }

  @Test
  void log_ofManyDecades_hasPowersOfTen() {
    Scale scale = Scale.log(0.002, 30);
    assertEquals(List.of(0.01, 0.1, 1.0, 10.0), scale.values());
    assertEquals(0, scale.share(0.002), 1e-12);
    assertEquals(1, scale.share(30), 1e-12);
    assertEquals(0.5, scale.share(Math.sqrt(0.002 * 30)), 1e-12);
  }

  @Test
  void log_ofLittleRoom_hasValuesBetweenPowers() {
    assertEquals(List.of(0.5, 1.0, 2.0), Scale.log(0.3, 3).values());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|0",
        "12345|12,345",
        "999.96|1000",
        "31.456|31.46",
        "0.06491|0.06491",
        "0.001|0.001",
        "0.000823|8.23E-4",
        "-1.5|-1.5",
        "NaN|–"
      })
  void text_ofANumber_isShort(double value, String text) {
    assertEquals(text, Scale.text(value));
  }
}
