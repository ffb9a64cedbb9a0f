package hrm.gateway;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;

/** Where an {@link Intake} gets its Kafka clients from. */
class Clients {
  private final GatewaySettings settings;
  private final String node;

  Clients(GatewaySettings settings, String node) {
    this.settings = settings;
    this.node = node;
  }

  void ensureTopics() {
    Topics.ensure(settings);
  }

  Producer<byte[], byte[]> producer() {
    return new KafkaProducer<>(KafkaProps.transactions(settings, node));
  }

  Consumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(KafkaProps.intake(settings, node));
  }

  /** What lets the broker refuse a transaction of a node that has lost its partitions (KIP-447). */
  ConsumerGroupMetadata fence(Consumer<byte[], byte[]> consumer) {
    return settings.fencing()
        ? consumer.groupMetadata()
        : new ConsumerGroupMetadata(settings.group());
  }
}
