package hrm.cluster.cli;

import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.Map;

/** A time that an option names, with its unit, as settings have it. */
public final class DurationArgument {
  private DurationArgument() {}

  /**
   * @throws CommandException when it is none, has no unit, or is not above 0
   */
  public static Duration parse(String option, String given) {
    if (!given.matches(Durations.DURATION)) {
      throw CommandException.wrongInput(
          "%s %s: must be a number with its unit, as in 90s, 5m or 1h".formatted(option, given));
    }
    Duration duration = ConfigFactory.parseMap(Map.of("given", given)).getDuration("given");
    if (duration.isZero() || duration.isNegative()) {
      throw CommandException.wrongInput("%s %s: must be above 0".formatted(option, given));
    }
    return duration;
  }
}
