package hrm.cluster.settings;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import hrm.actors.ActorsSettings;
import hrm.cluster.cli.CommandException;
import hrm.cluster.tls.TlsSettings;
import hrm.gateway.GatewaySettings;
import hrm.gateway.TraceIndexSettings;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Every setting of a node, read and checked once. */
public record Settings(
    NodeSettings node,
    GatewaySettings gateway,
    ModelSettings model,
    ActorsSettings actors,
    HttpSettings http,
    TlsSettings tls,
    BootstrapSettings bootstrap,
    TraceSettings trace,
    TraceIndexSettings traceIndex) {
  private static final Pattern KEY = Pattern.compile("^(hrm|akka)(\\.[a-z0-9-]+)+");

  public Settings {
    if (bootstrap.kubernetes() && !node.seeds().isEmpty()) {
      throw new IllegalArgumentException(
          "hrm.node.seeds (--seed, HRM_SEEDS) is set and hrm.bootstrap.method is kubernetes, too;"
              + " use one of them");
    }
  }

  /**
   * @throws CommandException naming key, value, what is allowed, and where the value was set
   */
  public static Settings from(Config config) {
    try {
      return new Settings(
          read("hrm.node", () -> NodeSettings.from(config)),
          read("hrm.kafka or hrm.gateway", () -> GatewaySettings.from(config)),
          read("hrm.model", () -> ModelSettings.from(config)),
          read("hrm.actors", () -> ActorsSettings.of(config)),
          read("hrm.http", () -> HttpSettings.from(config)),
          read("hrm.tls", () -> TlsSettings.from(config)),
          read("hrm.bootstrap", () -> BootstrapSettings.from(config)),
          read("hrm.trace", () -> TraceSettings.from(config)),
          read("hrm.gateway.trace-index", () -> TraceIndexSettings.from(config)));
    } catch (IllegalArgumentException e) {
      throw CommandException.wrongInput(e.getMessage() + origin(config, e.getMessage()));
    }
  }

  /** A wrong type is named with file, line and the key within its section. */
  private static <T> T read(String section, Supplier<T> settings) {
    try {
      return settings.get();
    } catch (ConfigException e) {
      throw CommandException.wrongInput("%s (in %s)".formatted(e.getMessage(), section));
    }
  }

  private static String origin(Config config, String message) {
    Matcher key = KEY.matcher(message);
    return key.find() && config.hasPathOrNull(key.group())
        ? " [%s]".formatted(config.getValue(key.group()).origin().description())
        : "";
  }
}
