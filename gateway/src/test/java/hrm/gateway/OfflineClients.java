package hrm.gateway;

import com.typesafe.config.ConfigFactory;
import hrm.proto.PuzzleJob;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Clients that touch no network: a test has the topic of jobs and its offsets in hand. */
final class OfflineClients extends Clients {
  /** Most records that a poll brings. */
  static final int POLL = 8;

  final GatewaySettings settings;
  final Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>();
  final List<ConsumerRecord<byte[], byte[]>> log = new ArrayList<>();
  MockConsumer<byte[], byte[]> consumer; // of this life
  MockProducer<byte[], byte[]> producer; // of this life
  final List<Duration> polls = new ArrayList<>();
  int commitsThatFail;
  boolean fenced; // by another node of this name
  long tooLargeAt = -1; // offset in partition 0

  /**
   * @param overrides of the configuration, {@code key=value}
   */
  static OfflineClients with(String... overrides) {
    return new OfflineClients(
        GatewaySettings.from(
            ConfigFactory.parseString(String.join("\n", overrides))
                .withFallback(ConfigFactory.defaultReference())
                .resolve()));
  }

  private OfflineClients(GatewaySettings settings) {
    super(settings, "n");
    this.settings = settings;
  }

  TopicPartition partition(int number) {
    return new TopicPartition(settings.topics().jobs(), number);
  }

  /** Appends a job to a partition. */
  void send(int partition, PuzzleJob job) {
    send(partition, end(partition(partition)), job.toByteArray());
  }

  void send(int partition, long offset, byte[] value) {
    var record =
        new ConsumerRecord<byte[], byte[]>(
            settings.topics().jobs(), partition, offset, null, value);
    log.add(record);
    if (consumer != null && consumer.assignment().contains(partition(partition))) {
      consumer.addRecord(record);
    }
  }

  private long end(TopicPartition partition) {
    return log.stream().filter(r -> r.partition() == partition.partition()).count();
  }

  /** Assigns partitions to the consumer of this life, which begins where it is committed. */
  void assign(int... numbers) {
    var partitions = new ArrayList<TopicPartition>();
    for (int number : numbers) {
      partitions.add(partition(number));
    }
    partitions.forEach(p -> consumer.updateBeginningOffsets(Map.of(p, 0L)));
    partitions.forEach(p -> consumer.updateEndOffsets(Map.of(p, end(p))));
    consumer.commitSync(committed);
    consumer.rebalance(partitions);
    log.stream()
        .filter(r -> partitions.contains(partition(r.partition())))
        .forEach(consumer::addRecord);
  }

  @Override
  void ensureTopics() {}

  @Override
  TopicLimits limits() {
    return new TopicLimits(Topics.MAX_MESSAGE_BYTES, Topics.MAX_MESSAGE_BYTES);
  }

  @Override
  Producer<byte[], byte[]> producer() {
    producer =
        new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
          @Override
          public void initTransactions() {
            if (fenced) {
              throw new ProducerFencedException("as if by another");
            }
            super.initTransactions();
          }

          @Override
          public void commitTransaction() {
            if (commitsThatFail > 0) {
              commitsThatFail--;
              throw new KafkaException("a transaction that a test lets fail");
            }
            super.commitTransaction();
            consumerGroupOffsetsHistory()
                .forEach(group -> group.values().forEach(committed::putAll));
          }
        };
    return producer;
  }

  @Override
  Consumer<byte[], byte[]> consumer(int records) {
    int most = Math.min(records, POLL);
    consumer =
        new MockConsumer<>("earliest") {
          @Override
          public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
            polls.add(timeout);
            var first = partition(0);
            if (assignment().contains(first) && !paused().contains(first)) {
              long at = position(first);
              if (at <= tooLargeAt && tooLargeAt < at + most) {
                throw new OutOfMemoryError("as if so");
              }
            }
            return super.poll(timeout);
          }
        };
    consumer.setMaxPollRecords(most);
    return consumer;
  }

  @Override
  TopicEnds ends() {
    return new LagTest.Ends();
  }
}
