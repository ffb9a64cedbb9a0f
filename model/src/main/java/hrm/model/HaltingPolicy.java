package hrm.model;

/** When a slot stops thinking. */
public enum HaltingPolicy {
  /** After the last segment only: what the reference does in evaluation. */
  MAX_STEPS,
  /**
   * When q_halt exceeds q_continue, or 0 in a model without a continue head ({@link
   * HrmConfig#halts}): the learned signal, as the reference does in training.
   */
  Q_HEAD,
  /** When the puzzle's own rules say that the answer is right. */
  VERIFIED
}
