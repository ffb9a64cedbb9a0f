package hrm.model.published;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What the user says of a checkpoint beyond its files.
 *
 * @param raw to take raw weights where there are averaged ones
 * @param keys of the config by the reference's names, which go before the config file's
 */
public record ImportOptions(boolean raw, Map<String, Object> keys) {
  public static final ImportOptions NONE = new ImportOptions(false, Map.of());

  public ImportOptions {
    keys = new LinkedHashMap<>(keys);
    keys.values().removeIf(value -> value == null);
  }
}
