package hrm.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import hrm.proto.TraceEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;

/**
 * Which traced jobs have halted, as they do, read as one of a consumer group: each end is given to
 * one member, and again to another one if the first did not commit. For one thread.
 */
public interface TraceEnds extends AutoCloseable {
  /** A job's attempt that has halted. */
  record End(String job, int attempt) {}

  /**
   * What has come within the time given; may be empty.
   *
   * @throws KafkaException when the brokers refuse
   */
  List<End> poll(Duration atMost);

  /** All that was polled is done with; without effect when another member has it now. */
  void commit();

  @Override
  void close();

  /**
   * @param purpose of the group: its name is that of the gateways' group with this behind it
   */
  static TraceEnds of(GatewaySettings settings, String node, String purpose) {
    return of(
        new KafkaConsumer<>(KafkaProps.group(settings, node, purpose)), settings.topics().trace());
  }

  /** From the topic, by a consumer that nobody else uses. */
  static TraceEnds of(Consumer<byte[], byte[]> consumer, String topic) {
    consumer.subscribe(List.of(topic));
    return new TraceEnds() {
      @Override
      public List<End> poll(Duration atMost) {
        List<End> ends = new ArrayList<>();
        for (var record : consumer.poll(atMost)) {
          try {
            byte[] value = record.value() == null ? new byte[0] : record.value();
            TraceEvent event = TraceEvent.parseFrom(value);
            if (event.hasHalted()) {
              ends.add(new End(event.getJobId(), event.getAttempt()));
            }
          } catch (InvalidProtocolBufferException e) {
            // The index counts it.
          }
        }
        return ends;
      }

      @Override
      public void commit() {
        try {
          consumer.commitSync();
        } catch (CommitFailedException e) {
          // The ends are given to another member once more.
        }
      }

      @Override
      public void close() {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(2)));
      }
    };
  }
}
