package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hrm.model.HaltingPolicy;
import hrm.proto.HaltReason;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HaltingTest {
  @ParameterizedTest
  @CsvSource({
    // policy, steps of 4, the head halts, verified, expired, reason
    "MAX_STEPS, 3, true, true, false, HALTED_UNSET",
    "MAX_STEPS, 4, false, false, false, HALTED_MAX_STEPS",
    "MAX_STEPS, 3, true, true, true, HALTED_DEADLINE",
    "MAX_STEPS, 4, false, false, true, HALTED_MAX_STEPS",
    "Q_HEAD, 1, true, false, false, HALTED_Q_HEAD",
    "Q_HEAD, 1, false, false, false, HALTED_UNSET",
    "Q_HEAD, 1, false, true, false, HALTED_UNSET",
    "Q_HEAD, 4, false, true, false, HALTED_MAX_STEPS",
    "Q_HEAD, 4, true, false, true, HALTED_Q_HEAD",
    "VERIFIED, 1, true, false, false, HALTED_UNSET",
    "VERIFIED, 1, false, true, false, HALTED_VERIFIED",
    "VERIFIED, 4, false, true, true, HALTED_VERIFIED",
    "VERIFIED, 4, false, false, false, HALTED_MAX_STEPS",
    "VERIFIED, 2, false, false, true, HALTED_DEADLINE",
  })
  void after_givesTheReason(
      HaltingPolicy policy,
      int steps,
      boolean headHalts,
      boolean verified,
      boolean expired,
      HaltReason reason) {
    assertEquals(reason, Halting.after(policy, steps, 4, headHalts, verified, expired));
  }
}
