package hrm.gateway;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigUtil;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;

/** What {@code hrm.kafka} and {@code hrm.gateway} say; every key is explained in reference.conf. */
public record GatewaySettings(
    String bootstrap,
    Map<String, String> properties,
    String group,
    String transactionalIdPrefix,
    Topics topics,
    int maxAttempts,
    int maxRecordBytes,
    Duration transactionTimeout,
    Duration pollInterval,
    Duration drainTimeout,
    Duration retryBackoff,
    boolean fencing) {

  public GatewaySettings {
    properties = Map.copyOf(properties);
    require(
        Arrays.stream(bootstrap.split("\\s*,\\s*", -1)).allMatch(GatewaySettings::isAddress),
        "hrm.kafka.bootstrap (--bootstrap, HRM_KAFKA_BOOTSTRAP)",
        bootstrap,
        "host:port[,host:port...] with ports from 1 to 65535");
    require(!group.isBlank(), "hrm.gateway.group", group, "a name");
    require(
        !transactionalIdPrefix.isBlank(),
        "hrm.gateway.transactional-id-prefix",
        transactionalIdPrefix,
        "a name");
    inRange("max-attempts", maxAttempts, 1, 100);
    inRange("max-record-bytes", maxRecordBytes, 1 << 10, 15 << 20);
    inRange(
        "transaction-timeout", transactionTimeout, Duration.ofSeconds(2), Duration.ofMinutes(15));
    inRange("poll-interval", pollInterval, Duration.ofMillis(1), Duration.ofSeconds(5));
    inRange("drain-timeout", drainTimeout, Duration.ZERO, Duration.ofHours(1));
    inRange("retry-backoff", retryBackoff, Duration.ZERO, Duration.ofMinutes(1));
  }

  /**
   * Reads the two sections of a resolved configuration.
   *
   * @throws IllegalArgumentException naming key, value and what is allowed
   * @throws com.typesafe.config.ConfigException for an absent key or a wrong type
   */
  public static GatewaySettings from(Config config) {
    var kafka = config.getConfig("hrm.kafka");
    var gateway = config.getConfig("hrm.gateway");
    return new GatewaySettings(
        kafka.getString("bootstrap"),
        properties(kafka),
        gateway.getString("group"),
        gateway.getString("transactional-id-prefix"),
        Topics.from(gateway.getConfig("topics")),
        gateway.getInt("max-attempts"),
        (int) Math.min(gateway.getBytes("max-record-bytes"), Integer.MAX_VALUE),
        gateway.getDuration("transaction-timeout"),
        gateway.getDuration("poll-interval"),
        gateway.getDuration("drain-timeout"),
        gateway.getDuration("retry-backoff"),
        gateway.getBoolean("fencing"));
  }

  private static boolean isAddress(String text) {
    if (!text.matches("\\S+:[0-9]{1,5}")) {
      return false;
    }
    int port = Integer.parseInt(text.substring(text.lastIndexOf(':') + 1));
    return 1 <= port && port <= 65_535;
  }

  static void require(boolean holds, String key, Object value, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(key + " = " + value + ": must be " + allowed);
    }
  }

  /**
   * @param key within hrm.gateway
   */
  static <T extends Comparable<T>> void inRange(String key, T value, T least, T most) {
    require(
        least.compareTo(value) <= 0 && value.compareTo(most) <= 0,
        "hrm.gateway." + key,
        value,
        "from " + least + " to " + most);
  }

  /** Of the file, and over them those of the configuration. */
  private static Map<String, String> properties(Config kafka) {
    var all = new LinkedHashMap<String, String>();
    String file = kafka.getString("properties-file");
    if (!file.isEmpty()) {
      var read = new Properties();
      try (Reader reader = Files.newBufferedReader(Path.of(file), StandardCharsets.UTF_8)) {
        read.load(reader);
      } catch (IOException | IllegalArgumentException e) { // its message may quote the file
        throw new IllegalArgumentException(
            "hrm.kafka.properties-file (HRM_KAFKA_PROPERTIES_FILE) = %s: cannot be read as a Java properties file (%s); check its path, its rights and its escapes"
                .formatted(file, e.getClass().getSimpleName()));
      }
      read.stringPropertyNames().forEach(name -> all.put(name, read.getProperty(name)));
    }
    all.putAll(flatten(kafka.getConfig("properties")));
    return all;
  }

  /** Without the values of Kafka's properties. */
  @Override
  public String toString() {
    return "GatewaySettings[bootstrap=%s, properties=%s, group=%s, topics=%s]"
        .formatted(bootstrap, properties.keySet(), group, topics);
  }

  /** {@code security { protocol = SSL }} and {@code "security.protocol" = SSL} say the same. */
  private static Map<String, String> flatten(Config config) {
    var flat = new LinkedHashMap<String, String>();
    for (var entry : config.entrySet()) {
      String key = String.join(".", ConfigUtil.splitPath(entry.getKey()));
      flat.put(key, String.valueOf(entry.getValue().unwrapped()));
    }
    return flat;
  }
}
