package hrm.cluster.cli;

import hrm.model.HaltingPolicy;

/** When to stop thinking, as a command line says it. */
public final class HaltingArgument {
  /** What it may be, for help. */
  public static final String NAMES =
      "max-steps, q-head or verified, or as a job in JSON has it: MAX_STEPS, Q_HEAD, VERIFIED";

  private HaltingArgument() {}

  /**
   * @throws CommandException when there is no policy of that name
   */
  public static HaltingPolicy parse(String given) {
    return HaltingPolicy.named(given)
        .orElseThrow(
            () ->
                CommandException.wrongInput(
                    "--policy %s is not known: use %s".formatted(given, NAMES)));
  }
}
