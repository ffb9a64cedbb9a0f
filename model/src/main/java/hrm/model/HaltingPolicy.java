package hrm.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

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
  VERIFIED;

  /** By its name as settings spell it (max-steps) or as JSON does (MAX_STEPS), in either case. */
  public static Optional<HaltingPolicy> named(String name) {
    String spelled = spelled(name);
    return Arrays.stream(values()).filter(p -> p.toString().equals(spelled)).findFirst();
  }

  private static String spelled(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** As settings and the command line spell it: {@code max-steps}. */
  @Override
  public String toString() {
    return spelled(name());
  }
}
