package hrm.gateway;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;

/**
 * The four topics as they are, beside what a node would make of them. Nothing is changed.
 *
 * @param present those that there are
 * @param missing those that a node creates at its start
 * @param differences a sentence for each setting that is not as a node would have made it
 */
public record TopicCheck(Set<String> present, Set<String> missing, List<String> differences) {
  /**
   * @throws KafkaException when the brokers do not answer, or refuse to describe the topics
   */
  public static TopicCheck of(GatewaySettings settings) {
    Map<String, NewTopic> wanted = settings.topics().wanted();
    try (Admin admin = Admin.create(KafkaProps.admin(settings))) {
      var present = new TreeSet<>(wanted.keySet());
      present.retainAll(admin.listTopics().names().get());
      var missing = new TreeSet<>(wanted.keySet());
      missing.removeAll(present);
      return new TopicCheck(present, missing, differences(admin, present, wanted));
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e.getCause());
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  private static List<String> differences(
      Admin admin, Collection<String> topics, Map<String, NewTopic> wanted)
      throws ExecutionException, InterruptedException {
    var differences = new ArrayList<String>();
    var resources =
        topics.stream().map(t -> new ConfigResource(ConfigResource.Type.TOPIC, t)).toList();
    Map<String, TopicDescription> shapes = admin.describeTopics(topics).allTopicNames().get();
    var configs = new TreeMap<String, Config>();
    admin
        .describeConfigs(resources)
        .all()
        .get()
        .forEach((resource, config) -> configs.put(resource.name(), config));
    for (String topic : topics) {
      NewTopic want = wanted.get(topic);
      int replication = shapes.get(topic).partitions().get(0).replicas().size();
      if (replication != want.replicationFactor()) {
        differences.add(differs(topic, "replication", replication, want.replicationFactor()));
      }
      want.configs()
          .forEach(
              (key, value) -> {
                ConfigEntry entry = configs.get(topic).get(key);
                if (entry != null && !entry.value().equals(value)) {
                  differences.add(differs(topic, key, entry.value(), value));
                }
              });
    }
    return differences;
  }

  private static String differs(String topic, String key, Object is, Object wanted) {
    return "%s has %s %s where a node would create it with %s".formatted(topic, key, is, wanted);
  }
}
