package hrm.cluster.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigValue;
import java.util.Map;

/** HOCON takes a duration without a unit for milliseconds, which nobody means who writes 25. */
final class Durations {
  static final String DURATION = "-?[0-9.]+ *(ns|us|ms|s|m|h|d)";
  private static final String NUMBER = " *[-+]?[0-9.]+ *";

  private Durations() {}

  /**
   * @param builtIn where each of our settings that is a duration has one, not resolved
   * @throws CommandException naming key, value, and where it was set
   */
  static void check(Config all, Config builtIn) {
    Config usual = builtIn.withOnlyPath("hrm").resolve(ConfigResolveOptions.noSystem());
    for (Map.Entry<String, ConfigValue> entry : usual.entrySet()) {
      String key = entry.getKey();
      if (!text(entry.getValue()).matches(DURATION) || !all.hasPath(key)) {
        continue;
      }
      ConfigValue given = all.getValue(key);
      if (text(given).matches(NUMBER)) {
        throw CommandException.wrongInput(
            "%s = %s: must be a number with its unit, as in %ss [%s]"
                .formatted(key, text(given), text(given).strip(), given.origin().description()));
      }
    }
  }

  private static String text(ConfigValue value) {
    return String.valueOf(value.unwrapped());
  }
}
