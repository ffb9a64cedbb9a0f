package hrm.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import hrm.proto.TraceEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** {@link TraceEnds} by a consumer that nobody else uses. */
final class GroupTraceEnds implements TraceEnds, ConsumerRebalanceListener {
  private static final Duration SOON = Duration.ofMillis(100);

  private final Consumer<byte[], byte[]> consumer;
  private final String topic;
  private final Map<TopicPartition, TreeSet<Long>> undone = new HashMap<>(); // those held now
  private final Map<TopicPartition, Long> committed = new HashMap<>();

  GroupTraceEnds(Consumer<byte[], byte[]> consumer, String topic) {
    this.consumer = consumer;
    this.topic = topic;
    consumer.subscribe(List.of(topic), this);
  }

  @Override
  public List<End> poll(Duration atMost) {
    List<End> ends = new ArrayList<>();
    for (var record : consumer.poll(atMost)) {
      end(record).ifPresent(ends::add);
    }
    for (End end : ends) {
      undone.get(partition(end)).add(end.offset());
    }
    return ends;
  }

  private static Optional<End> end(ConsumerRecord<byte[], byte[]> record) {
    try {
      byte[] value = record.value() == null ? new byte[0] : record.value();
      TraceEvent event = TraceEvent.parseFrom(value);
      return event.hasHalted()
          ? Optional.of(
              new End(
                  event.getJobId(),
                  event.getAttempt(),
                  event.getRun(),
                  record.partition(),
                  record.offset()))
          : Optional.empty();
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty(); // the index counts it
    }
  }

  private TopicPartition partition(End end) {
    return new TopicPartition(topic, end.partition());
  }

  @Override
  public void done(End end) {
    TreeSet<Long> waiting = undone.get(partition(end));
    if (waiting != null) { // another member's by now
      waiting.remove(end.offset());
    }
  }

  @Override
  public void commit() {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    undone.forEach(
        (partition, waiting) -> {
          try {
            long lowWater =
                waiting.isEmpty() ? consumer.position(partition, SOON) : waiting.first();
            if (!Long.valueOf(lowWater).equals(committed.get(partition))) {
              offsets.put(partition, new OffsetAndMetadata(lowWater));
            }
          } catch (TimeoutException e) {
            // Next time: nothing has been read of it yet.
          }
        });
    if (offsets.isEmpty()) {
      return;
    }
    try {
      consumer.commitSync(offsets);
      offsets.forEach((partition, at) -> committed.put(partition, at.offset()));
    } catch (CommitFailedException e) {
      // The ends are given to another member once more.
    }
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    partitions.forEach(partition -> undone.put(partition, new TreeSet<>()));
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    partitions.forEach(undone::remove);
    partitions.forEach(committed::remove);
  }

  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(Duration.ofSeconds(2)));
  }
}
