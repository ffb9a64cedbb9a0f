package hrm.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The learned signal to stop, with and without a continue head. */
class HaltsTest {
  @ParameterizedTest
  @CsvSource({
    "false, 1, 0, true",
    "false, -4, -5, true",
    "false, 0, 1, false",
    "false, 0, 0, false",
    "false, NaN, 0, false",
    "true, -4, -5, false",
    "true, 0.1, 9, true",
    "true, 0, -1, false",
  })
  void halts_asTheModelWasTrained(
      boolean noActContinue, float qHalt, float qContinue, boolean halts) {
    HrmConfig config = HrmConfig.parse("{\"no_ACT_continue\": %s}".formatted(noActContinue));
    assertEquals(halts, config.halts(qHalt, qContinue));
  }
}
