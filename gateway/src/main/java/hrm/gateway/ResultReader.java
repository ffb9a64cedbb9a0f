package hrm.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import hrm.proto.JobFailure;
import hrm.proto.PuzzleResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads how jobs ended: committed answers and dead letters, all partitions, without a group. For
 * one thread.
 */
public final class ResultReader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ResultReader.class);

  private final Consumer<byte[], byte[]> consumer;
  private final String deadLetters;
  private final Map<TopicPartition, Long> ends;

  private ResultReader(GatewaySettings settings, boolean fromBeginning) {
    deadLetters = settings.topics().deadLetters();
    consumer = new KafkaConsumer<>(KafkaProps.reader(settings));
    try {
      var partitions = new ArrayList<TopicPartition>();
      for (String topic : List.of(settings.topics().results(), deadLetters)) {
        for (var info : consumer.partitionsFor(topic)) {
          partitions.add(new TopicPartition(topic, info.partition()));
        }
      }
      consumer.assign(partitions);
      ends = consumer.endOffsets(partitions);
      if (fromBeginning) {
        consumer.seekToBeginning(partitions);
      } else {
        ends.forEach(consumer::seek);
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * Everything that the topics still hold.
   *
   * @throws KafkaException when the brokers do not answer or the topics do not exist
   */
  public static ResultReader fromBeginning(GatewaySettings settings) {
    return new ResultReader(settings, true);
  }

  /**
   * What is committed after this returns: make the reader first, then send the jobs.
   *
   * @throws KafkaException when the brokers do not answer or the topics do not exist
   */
  public static ResultReader fromEnd(GatewaySettings settings) {
    return new ResultReader(settings, false);
  }

  /** What has come within the time given; may be empty. */
  public List<Outcome> poll(Duration atMost) {
    var outcomes = new ArrayList<Outcome>();
    for (var record : consumer.poll(atMost)) {
      var outcome = record.topic().equals(deadLetters) ? failed(record) : answered(record);
      if (outcome != null) {
        outcomes.add(outcome);
      }
    }
    return outcomes;
  }

  /** Whether everything has been returned that was there when this reader was made. */
  public boolean caughtUp() {
    return ends.entrySet().stream().allMatch(e -> consumer.position(e.getKey()) >= e.getValue());
  }

  private static Outcome answered(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      return null; // a tombstone
    }
    try {
      return new Outcome.Answered(PuzzleResult.parseFrom(record.value()));
    } catch (InvalidProtocolBufferException e) {
      LOG.warn("{} is not a PuzzleResult: {}", JobCodec.nameOf(record), e.getMessage());
      return null;
    }
  }

  private static Outcome failed(ConsumerRecord<byte[], byte[]> record) {
    String id = JobCodec.idOf(record);
    var failure = JobFailure.newBuilder().setJobId(id);
    String json = Headers.text(record.headers(), Headers.FAILURE);
    try {
      if (json != null) {
        failure.clear();
        JsonFormat.parser().ignoringUnknownFields().merge(json, failure);
      }
    } catch (InvalidProtocolBufferException e) {
      failure.clear().setJobId(id).setMessage("Unreadable dead letter: " + e.getMessage());
    }
    return new Outcome.Failed(failure.build(), id);
  }

  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(Duration.ofSeconds(2)));
  }
}
