package hrm.gateway;

import static hrm.gateway.GatewaySettings.require;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.TopicExistsException;

/** Names of the four topics, and the shape of those that are created here. */
public record Topics(
    String jobs,
    String results,
    String trace,
    String deadLetters,
    int partitions,
    int replication) {
  /**
   * Largest record that the topics accept, bytes: oversized jobs must arrive to be dead letters.
   */
  public static final int MAX_MESSAGE_BYTES = 16 << 20;

  public Topics {
    for (String name : List.of(jobs, results, trace, deadLetters)) {
      require(
          name.matches("[a-zA-Z0-9._-]{1,249}"),
          "hrm.gateway.topics",
          name,
          "1 to 249 of the characters a-z A-Z 0-9 . _ -");
    }
    require(
        deadLetters.startsWith("dlq."),
        "hrm.gateway.topics.dead-letters",
        deadLetters,
        "a name that starts with \"dlq.\" (KIP-1191)");
    require(
        1 <= partitions && partitions <= 10_000,
        "hrm.gateway.topics.partitions",
        partitions,
        "from 1 to 10000");
    require(
        1 <= replication && replication <= 9,
        "hrm.gateway.topics.replication",
        replication,
        "from 1 to 9");
  }

  static Topics from(Config config) {
    return new Topics(
        config.getString("jobs"),
        config.getString("results"),
        config.getString("trace"),
        config.getString("dead-letters"),
        config.getInt("partitions"),
        config.getInt("replication"));
  }

  /**
   * Creates those of the four topics that are missing; leaves the others as they are.
   *
   * @return the names of the created ones
   * @throws KafkaException when the brokers do not answer, or refuse to create one
   */
  public static List<String> ensure(GatewaySettings settings) {
    var created = new ArrayList<String>();
    try (Admin admin = Admin.create(KafkaProps.admin(settings))) {
      var present = admin.listTopics().names().get();
      var missing = new TreeMap<>(settings.topics().wanted());
      missing.keySet().removeAll(present);
      for (var result : admin.createTopics(missing.values()).values().entrySet()) {
        if (isNew(result.getKey(), result.getValue(), settings)) {
          created.add(result.getKey());
        }
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
    return created;
  }

  private static boolean isNew(String topic, KafkaFuture<Void> creation, GatewaySettings settings)
      throws InterruptedException {
    try {
      creation.get();
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TopicExistsException) {
        return false; // another node was faster
      }
      String what =
          e.getCause() instanceof InvalidReplicationFactorException
              ? "lower hrm.gateway.topics.replication (%d) to the number of brokers or below"
                  .formatted(settings.topics().replication())
              : "create it yourself with the settings that docker/OPERATIONS.md lists, or let this user create topics";
      throw new KafkaException(
          "The topic %s is missing at %s and could not be created (%s): %s."
              .formatted(topic, settings.bootstrap(), Nag.line(e.getCause()), what),
          e.getCause());
    }
  }

  /**
   * Needs no right but to describe these topics, which comes with reading and with writing them.
   *
   * @throws KafkaException naming the topics that are missing and who makes them, or when the
   *     brokers do not answer
   */
  public static void requirePresent(GatewaySettings settings, String... topics) {
    var missing = new TreeSet<>(List.of(topics));
    try (Admin admin = Admin.create(KafkaProps.admin(settings))) {
      missing.removeAll(admin.listTopics().names().get());
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
    if (!missing.isEmpty()) {
      throw new KafkaException(
          "There is no topic %s at %s: start a node (hrm node), which creates it, or create it as docker/OPERATIONS.md says."
              .formatted(String.join(", ", missing), settings.bootstrap()));
    }
  }

  Map<String, NewTopic> wanted() {
    var wanted = new TreeMap<String, NewTopic>();
    wanted.put(jobs, daily(topic(jobs, "delete", Duration.ofDays(7))));
    wanted.put(results, topic(results, "compact,delete", Duration.ofDays(7)));
    wanted.put(trace, topic(trace, "delete", Duration.ofHours(1)));
    wanted.put(deadLetters, topic(deadLetters, "delete", Duration.ofDays(30)));
    return wanted;
  }

  private NewTopic topic(String name, String cleanup, Duration retention) {
    return new NewTopic(name, partitions, (short) replication)
        .configs(
            Map.of(
                "cleanup.policy", cleanup,
                "retention.ms", Long.toString(retention.toMillis()),
                "max.message.bytes", Integer.toString(MAX_MESSAGE_BYTES),
                "min.insync.replicas", Integer.toString(Math.max(1, replication - 1))));
  }

  /** A record stays until its whole segment is old, which otherwise may span a week. */
  private static NewTopic daily(NewTopic topic) {
    var configs = new TreeMap<>(topic.configs());
    configs.put("segment.ms", Long.toString(Duration.ofDays(1).toMillis()));
    return topic.configs(configs);
  }
}
