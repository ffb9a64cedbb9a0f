package hrm.gateway;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.ConfigResource.Type;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Whether the brokers forget what a group has committed, once all its members are gone, before the
 * jobs that it has answered are out of the topic: these would be run once more.
 */
public final class OffsetExpiry {
  private OffsetExpiry() {}

  /**
   * A sentence when they do; none where the brokers do not show their settings to this user.
   *
   * @throws KafkaException when they do not answer
   */
  public static Optional<String> of(GatewaySettings settings) {
    var topic = new ConfigResource(Type.TOPIC, settings.topics().jobs());
    try (Admin admin = Admin.create(KafkaProps.admin(settings))) {
      var node = admin.describeCluster().nodes().get().iterator().next();
      var broker = new ConfigResource(Type.BROKER, node.idString());
      Map<ConfigResource, Config> configs =
          admin.describeConfigs(List.of(topic, broker)).all().get();
      return shortfall(
          settings.topics().jobs(),
          number(configs.get(broker), "offsets.retention.minutes"),
          number(configs.get(topic), "retention.ms"),
          number(configs.get(topic), "segment.ms"));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof AuthorizationException) {
        return Optional.empty();
      }
      throw e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private static long number(Config config, String key) {
    return Long.parseLong(config.get(key).value());
  }

  /**
   * @param retention of jobs, milliseconds; -1: for ever
   * @param segment milliseconds after which one is begun, which as a whole outlives its last record
   */
  static Optional<String> shortfall(String topic, long minutes, long retention, long segment) {
    long kept = (long) Math.ceil((retention + segment) / 60_000.0);
    if (retention >= 0 && minutes >= kept) {
      return Optional.empty();
    }
    return Optional.of(
        "offsets of a group without members expire (offsets.retention.minutes %d) while %s keeps jobs %s: after so long a stop, answered ones would be run again; %s"
            .formatted(
                minutes,
                topic,
                retention < 0
                    ? "for ever (retention.ms -1)"
                    : "for %d minutes (retention.ms + segment.ms)".formatted(kept),
                retention < 0
                    ? "give the topic a retention"
                    : "set the brokers' to %d or more".formatted(kept)));
  }
}
