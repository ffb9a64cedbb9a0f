package hrm.gateway;

import com.typesafe.config.Config;

/**
 * What {@code hrm.gateway.trace-index} says; every key is explained in reference.conf.
 *
 * @param maxBytes that the index may take of the heap, as it reckons them
 */
public record TraceIndexSettings(long maxBytes, int maxJobs, int maxEventsPerJob) {
  public TraceIndexSettings {
    GatewaySettings.inRange("trace-index.max-bytes", maxBytes, 64L << 10, 64L << 30);
    GatewaySettings.inRange("trace-index.max-jobs", maxJobs, 1, 100_000_000);
    GatewaySettings.inRange("trace-index.max-events-per-job", maxEventsPerJob, 1, 10_000_000);
  }

  /**
   * Reads its section of a resolved configuration.
   *
   * @throws IllegalArgumentException naming key, value and what is allowed
   * @throws com.typesafe.config.ConfigException for an absent key or a wrong type
   */
  public static TraceIndexSettings from(Config config) {
    var section = config.getConfig("hrm.gateway.trace-index");
    return new TraceIndexSettings(
        section.getBytes("max-bytes"),
        section.getInt("max-jobs"),
        section.getInt("max-events-per-job"));
  }
}
