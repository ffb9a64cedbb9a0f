package hrm.actors;

import hrm.model.HaltingPolicy;
import hrm.proto.HaltReason;

/** When a slot stops thinking. */
final class Halting {
  private Halting() {}

  /**
   * The decision after a segment. A job that halts by its policy at its last segment, or past its
   * deadline, is said to have halted by its policy.
   *
   * @param steps segments done, this one included
   * @param headHalts whether the model's own signal says stop: {@link hrm.model.HrmConfig#halts}
   * @param verified whether the puzzle's own rules accept the answer
   * @param expired whether the deadline has passed
   * @return HALTED_UNSET to go on
   */
  static HaltReason after(
      HaltingPolicy policy,
      int steps,
      int maxSegments,
      boolean headHalts,
      boolean verified,
      boolean expired) {
    if (policy == HaltingPolicy.Q_HEAD && headHalts) {
      return HaltReason.HALTED_Q_HEAD;
    }
    if (policy == HaltingPolicy.VERIFIED && verified) {
      return HaltReason.HALTED_VERIFIED;
    }
    if (steps >= maxSegments) {
      return HaltReason.HALTED_MAX_STEPS;
    }
    return expired ? HaltReason.HALTED_DEADLINE : HaltReason.HALTED_UNSET;
  }
}
