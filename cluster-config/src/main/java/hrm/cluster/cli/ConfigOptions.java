package hrm.cluster.cli;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/**
 * Where a command's settings come from; what is named first wins: its options, system properties,
 * the file, application.conf (with the environment), reference.conf.
 */
public final class ConfigOptions {
  /** Kafka's own properties, which only its clients know. */
  private static final String FREE_KEYS = "hrm.kafka.properties";

  private static final String ADDRESS = "akka.remote.artery.canonical.";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "HOCON file with settings; goes over the built-in ones (default: HRM_CONFIG, or"
              + " conf/hrm.conf of an unpacked archive).")
  public Path file;

  @Option(
      names = "--bootstrap",
      paramLabel = "HOST:PORT",
      description = "Kafka brokers to begin with (default: HRM_KAFKA_BOOTSTRAP or 127.0.0.1:9092).")
  public String bootstrap;

  public Config load() {
    return load(Map.of());
  }

  /**
   * @param more settings by key that other options stand for
   * @throws com.typesafe.config.ConfigException naming file and line
   */
  public Config load(Map<String, Object> more) {
    Config flags = ConfigFactory.parseMap(more, "the command line");
    if (bootstrap != null) {
      flags =
          ConfigFactory.parseMap(Map.of("hrm.kafka.bootstrap", bootstrap), "--bootstrap")
              .withFallback(flags);
    }
    Config builtIn =
        ConfigFactory.defaultApplication().withFallback(ConfigFactory.defaultReferenceUnresolved());
    Config all =
        flags
            .withFallback(ConfigFactory.defaultOverrides())
            .withFallback(file(builtIn))
            .withFallback(builtIn)
            .resolve(Variables.of(System.getenv()));
    Durations.check(all, builtIn);
    return all;
  }

  private Config file(Config builtIn) {
    Path file = file();
    if (file == null) {
      return ConfigFactory.empty();
    }
    if (!Files.isReadable(file)) {
      throw CommandException.wrongInput(
          "--config (HRM_CONFIG) %s: there is no such file to read; give the path of a HOCON file"
              .formatted(file));
    }
    Config read = parse(file);
    read.entrySet().stream()
        .filter(entry -> !isKnown(entry.getKey(), builtIn))
        .findFirst()
        .ifPresent(
            entry -> {
              throw CommandException.wrongInput(
                  "%s: %s is not a setting; remove it or correct its spelling"
                      .formatted(entry.getValue().origin().description(), entry.getKey()));
            });
    return read;
  }

  private Path file() {
    String named = System.getenv("HRM_CONFIG");
    if (file != null || named != null && !named.isBlank()) {
      return file != null ? file : Path.of(named);
    }
    Path conf = Home.get().conf();
    return Files.exists(conf) ? conf : null;
  }

  private static Config parse(Path file) {
    try {
      return ConfigFactory.parseFile(
          file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
    } catch (ConfigException.Parse e) { // its message quotes the file, which may hold secrets
      throw CommandException.wrongInput(
          "%s: cannot be read as HOCON from here on; check quotes, braces and commas"
              .formatted(e.origin() == null ? file : e.origin().description()));
    }
  }

  /** Only our own keys are known completely, and those of a node's address. */
  private static boolean isKnown(String key, Config builtIn) {
    List<String> path = ConfigUtil.splitPath(key);
    return !path.get(0).equals("hrm") && !key.startsWith(ADDRESS)
        || key.startsWith(FREE_KEYS)
        || builtIn.root().toConfig().resolve().hasPathOrNull(key);
  }
}
