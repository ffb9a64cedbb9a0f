package hrm.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import hrm.proto.TraceEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads trace events as they come, all partitions, without a group. For one thread. */
public final class TraceReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TraceReader.class);

  private final Consumer<byte[], byte[]> consumer;

  private TraceReader(GatewaySettings settings) {
    consumer = new KafkaConsumer<>(KafkaProps.reader(settings));
    try {
      String topic = settings.topics().trace();
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.endOffsets(partitions).forEach(consumer::seek);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * What is written after this returns.
   *
   * @throws KafkaException when the brokers do not answer or the topic does not exist
   */
  public static TraceReader fromEnd(GatewaySettings settings) {
    return new TraceReader(settings);
  }

  /** What has come within the time given, a job's events in order; may be empty. */
  public List<TraceEvent> poll(Duration atMost) {
    List<TraceEvent> events = new ArrayList<>();
    for (var record : consumer.poll(atMost)) {
      if (record.value() == null) {
        continue; // a tombstone
      }
      try {
        events.add(TraceEvent.parseFrom(record.value()));
      } catch (InvalidProtocolBufferException e) {
        LOG.warn("{} is not a TraceEvent: {}", JobCodec.nameOf(record), e.getMessage());
      }
    }
    return events;
  }

  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(Duration.ofSeconds(2)));
  }
}
