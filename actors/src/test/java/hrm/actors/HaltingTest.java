package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hrm.model.HaltingPolicy;
import hrm.proto.HaltReason;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HaltingTest {
  @ParameterizedTest
  @CsvSource({
    // policy, steps of 4, q_halt, q_continue, verified, expired, reason
    "MAX_STEPS, 3, 9, 0, true, false, HALTED_UNSET",
    "MAX_STEPS, 4, 0, 9, false, false, HALTED_MAX_STEPS",
    "MAX_STEPS, 3, 9, 0, true, true, HALTED_DEADLINE",
    "MAX_STEPS, 4, 0, 0, false, true, HALTED_MAX_STEPS",
    "Q_HEAD, 1, 0.5, 0.25, false, false, HALTED_Q_HEAD",
    "Q_HEAD, 1, -5, -5, false, false, HALTED_UNSET",
    "Q_HEAD, 1, -4, -5, false, false, HALTED_Q_HEAD",
    "Q_HEAD, 1, 0, 1, true, false, HALTED_UNSET",
    "Q_HEAD, 4, 0, 1, true, false, HALTED_MAX_STEPS",
    "Q_HEAD, 4, 1, 0, false, true, HALTED_Q_HEAD",
    "Q_HEAD, 2, NaN, 0, false, false, HALTED_UNSET",
    "VERIFIED, 1, 9, 0, false, false, HALTED_UNSET",
    "VERIFIED, 1, 0, 9, true, false, HALTED_VERIFIED",
    "VERIFIED, 4, 0, 9, true, true, HALTED_VERIFIED",
    "VERIFIED, 4, 0, 9, false, false, HALTED_MAX_STEPS",
    "VERIFIED, 2, 0, 9, false, true, HALTED_DEADLINE",
  })
  void after_givesTheReason(
      HaltingPolicy policy,
      int steps,
      float qHalt,
      float qContinue,
      boolean verified,
      boolean expired,
      HaltReason reason) {
    assertEquals(reason, Halting.after(policy, steps, 4, qHalt, qContinue, verified, expired));
  }
}
