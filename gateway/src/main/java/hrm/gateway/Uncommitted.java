package hrm.gateway;

import java.util.Collection;
import java.util.Map;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Partitions that hold jobs and of which nothing is committed. Those of a new group are so; of a
 * group whose offsets have expired, too, and then nobody knows which jobs are answered.
 */
final class Uncommitted {
  private static final Logger LOG = LoggerFactory.getLogger(Uncommitted.class);

  private Uncommitted() {}

  /**
   * Says which there are, and how many jobs will be run that may have been.
   *
   * @param committed of those assigned; nothing, or null, where nothing is
   */
  static void warn(
      Consumer<?, ?> consumer,
      Collection<TopicPartition> assigned,
      Map<TopicPartition, OffsetAndMetadata> committed,
      String group) {
    var blank = assigned.stream().filter(p -> committed.get(p) == null).toList();
    if (blank.isEmpty()) {
      return;
    }
    var ends = consumer.endOffsets(blank);
    ToLongFunction<TopicPartition> held = p -> ends.get(p) - consumer.position(p);
    var full = blank.stream().filter(p -> held.applyAsLong(p) > 0).map(Object::toString).sorted();
    long records = blank.stream().mapToLong(held).sum();
    if (records > 0) {
      LOG.warn(
          "Of {} nothing is committed by the group {}, and they hold {} records: all of them are"
              + " run. For a new group this is right. If the group is not new, its offsets have"
              + " expired (offsets.retention.minutes of the brokers), and jobs are run that are"
              + " answered already; to prevent it, stop the gateways and set the offsets with"
              + " kafka-consumer-groups.sh before they start again.",
          full.toList(),
          group,
          records);
    }
  }
}
