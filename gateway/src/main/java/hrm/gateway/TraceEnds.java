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
 * Reads which traced jobs have halted, as one of a consumer group: each end is given to one member,
 * and again to another one if the first did not commit. For one thread.
 */
public final class TraceEnds implements AutoCloseable {
  private final Consumer<byte[], byte[]> consumer;

  /** A job's attempt that has halted. */
  public record End(String job, int attempt) {}

  /**
   * @param purpose of the group: its name is that of the gateways' group with this behind it
   */
  public TraceEnds(GatewaySettings settings, String node, String purpose) {
    this(new KafkaConsumer<>(KafkaProps.group(settings, node, purpose)), settings.topics().trace());
  }

  TraceEnds(Consumer<byte[], byte[]> consumer, String topic) {
    this.consumer = consumer;
    consumer.subscribe(List.of(topic));
  }

  /**
   * What has come within the time given; may be empty.
   *
   * @throws KafkaException when the brokers refuse
   */
  public List<End> poll(Duration atMost) {
    List<End> ends = new ArrayList<>();
    for (var record : consumer.poll(atMost)) {
      try {
        TraceEvent event = TraceEvent.parseFrom(record.value());
        if (event.hasHalted()) {
          ends.add(new End(event.getJobId(), event.getAttempt()));
        }
      } catch (InvalidProtocolBufferException | NullPointerException e) {
        // The index counts it.
      }
    }
    return ends;
  }

  /** All that was polled is done with; without effect when another member has it now. */
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
}
