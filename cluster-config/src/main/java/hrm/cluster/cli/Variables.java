package hrm.cluster.cli;

import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigResolver;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import java.util.Map;

/**
 * The environment as settings see it: a variable that is set to nothing, as {@code ${X:-}} makes it
 * in compose files, is not set; and an error names the variable.
 */
record Variables(Map<String, String> environment) implements ConfigResolver {
  /** In place of HOCON's own way of looking there. */
  static ConfigResolveOptions of(Map<String, String> environment) {
    return ConfigResolveOptions.noSystem().appendResolver(new Variables(environment));
  }

  @Override
  public ConfigValue lookup(String name) {
    String value = environment.get(name);
    return value == null || value.isEmpty() ? null : ConfigValueFactory.fromAnyRef(value, name);
  }

  @Override
  public ConfigResolver withFallback(ConfigResolver fallback) {
    return this; // there is no other place to look
  }
}
