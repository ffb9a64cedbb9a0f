package hrm.gateway;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where partitions end, asked for in the background: a consumer knows it of those alone that it
 * fetches from, and a full node fetches from none.
 */
class TopicEnds implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TopicEnds.class);

  private final Admin admin;
  private final Map<TopicPartition, Long> ends = new ConcurrentHashMap<>();
  private volatile boolean asking;

  TopicEnds(Admin admin) {
    this.admin = admin;
  }

  /** Asks the brokers, unless they still owe an answer; called by one thread. */
  void ask(Set<TopicPartition> partitions) {
    if (asking || partitions.isEmpty()) {
      return;
    }
    asking = true;
    admin
        .listOffsets(
            partitions.stream()
                .collect(Collectors.toMap(Function.identity(), partition -> OffsetSpec.latest())),
            new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
        .all()
        .whenComplete(
            (found, failure) -> {
              if (failure == null) {
                found.forEach((partition, at) -> ends.put(partition, at.offset()));
              } else {
                LOG.debug("the brokers do not say where {} end", partitions, failure);
              }
              asking = false;
            });
  }

  /** The offset after the last record, as of the last answer; 0 before it. */
  long end(TopicPartition partition) {
    return ends.getOrDefault(partition, 0L);
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }
}
