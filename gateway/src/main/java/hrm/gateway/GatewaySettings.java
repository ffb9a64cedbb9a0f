package hrm.gateway;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigUtil;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

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
    require(!bootstrap.isBlank(), "hrm.kafka.bootstrap", bootstrap, "host:port[,host:port...]");
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
        flatten(kafka.getConfig("properties")),
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

  static void require(boolean holds, String key, Object value, String allowed) {
    if (!holds) {
      throw new IllegalArgumentException(key + " = " + value + ": must be " + allowed + ".");
    }
  }

  private static <T extends Comparable<T>> void inRange(String key, T value, T least, T most) {
    require(
        least.compareTo(value) <= 0 && value.compareTo(most) <= 0,
        "hrm.gateway." + key,
        value,
        "from " + least + " to " + most);
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
