package hrm.gateway;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;

/** Where an {@link Intake} gets its Kafka clients from. */
class Clients {
  private final GatewaySettings settings;
  private final String node;
  private final ClientWatch watch;
  private final List<Runnable> watched = new ArrayList<>();

  Clients(GatewaySettings settings, String node) {
    this(settings, node, ClientWatch.NONE);
  }

  Clients(GatewaySettings settings, String node, ClientWatch watch) {
    this.settings = settings;
    this.node = node;
    this.watch = watch;
  }

  void ensureTopics() {
    Topics.ensure(settings);
  }

  TopicLimits limits() {
    return TopicLimits.ask(settings);
  }

  Producer<byte[], byte[]> producer() {
    Producer<byte[], byte[]> producer =
        new KafkaProducer<>(KafkaProps.transactions(settings, node));
    watched.add(watch.opened(producer));
    return producer;
  }

  Consumer<byte[], byte[]> consumer() {
    Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(KafkaProps.intake(settings, node));
    watched.add(watch.opened(consumer));
    return consumer;
  }

  TopicEnds ends() {
    return new TopicEnds(Admin.create(KafkaProps.ends(settings, node)));
  }

  /** Those that were opened are about to be closed. */
  void closing() {
    watched.forEach(Runnable::run);
    watched.clear();
  }

  /** What lets the broker refuse a transaction of a node that has lost its partitions (KIP-447). */
  ConsumerGroupMetadata fence(Consumer<byte[], byte[]> consumer) {
    return settings.fencing()
        ? consumer.groupMetadata()
        : new ConsumerGroupMetadata(settings.group());
  }
}
