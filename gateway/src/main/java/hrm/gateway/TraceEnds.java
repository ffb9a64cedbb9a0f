package hrm.gateway;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;

/**
 * Which traced jobs have halted, as they do, read as one of a consumer group: each end is given to
 * one member, and again to another one if the first leaves before it is {@link #done}. For one
 * thread.
 */
public interface TraceEnds extends AutoCloseable {
  /**
   * A job's attempt that has halted.
   *
   * @param run of it, as in the event
   * @param partition of the topic, and the offset there
   */
  record End(String job, int attempt, long run, int partition, long offset) {}

  /**
   * What has come within the time given; may be empty.
   *
   * @throws KafkaException when the brokers refuse
   */
  List<End> poll(Duration atMost);

  /** This end need not be given to anybody again. */
  void done(End end);

  /** Makes what is done known to the group, as far as nothing before it is not. */
  void commit();

  @Override
  void close();

  /**
   * @param purpose of the group: its name is that of the gateways' group with this behind it
   */
  static TraceEnds of(GatewaySettings settings, String node, String purpose) {
    return new GroupTraceEnds(
        new KafkaConsumer<>(KafkaProps.group(settings, node, purpose)), settings.topics().trace());
  }
}
