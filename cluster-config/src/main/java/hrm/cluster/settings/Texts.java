package hrm.cluster.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValueType;
import java.util.Arrays;
import java.util.List;

/** Lists that an environment variable may give as one text with commas. */
final class Texts {
  private Texts() {}

  static List<String> list(Config config, String key) {
    List<String> texts =
        config.getValue(key).valueType() == ConfigValueType.LIST
            ? config.getStringList(key)
            : Arrays.asList(config.getString(key).split(","));
    return texts.stream().map(String::strip).filter(text -> !text.isEmpty()).toList();
  }
}
