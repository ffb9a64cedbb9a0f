package hrm.gateway;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Properties of every Kafka client here: our tuning, over it what {@code hrm.kafka.properties}
 * says, over that what correctness depends on.
 */
final class KafkaProps {
  /** A little more than a topic accepts, so that the broker has the last word. */
  private static final String REQUEST_BYTES = Integer.toString(Topics.MAX_MESSAGE_BYTES + 65_536);

  private KafkaProps() {}

  static Map<String, Object> admin(GatewaySettings s) {
    return merge(
        s,
        Map.of("default.api.timeout.ms", "10000", "request.timeout.ms", "5000"),
        Map.of("client.id", "hrm-admin"));
  }

  /** Asks where partitions end. */
  static Map<String, Object> ends(GatewaySettings s, String node) {
    return merge(
        s,
        Map.of("default.api.timeout.ms", "10000", "request.timeout.ms", "5000"),
        Map.of("client.id", "hrm-admin-" + node));
  }

  /**
   * The intake of one node; dynamic membership, since KIP-848 with static members stalls restarts.
   */
  static Map<String, Object> intake(GatewaySettings s, String node) {
    return merge(
        s,
        consumer("64"),
        Map.of(
            "client.id", "hrm-intake-" + node,
            "group.id", s.group(),
            "group.protocol", "consumer",
            "isolation.level", "read_committed",
            "auto.offset.reset", "earliest",
            "enable.auto.commit", "false",
            "allow.auto.create.topics", "false"));
  }

  /** A reader without a group: nothing that it does is remembered by the brokers. */
  static Map<String, Object> reader(GatewaySettings s) {
    return merge(
        s,
        consumer("500"),
        Map.of(
            "client.id", "hrm-reader",
            "isolation.level", "read_committed",
            "auto.offset.reset", "earliest",
            "enable.auto.commit", "false",
            "allow.auto.create.topics", "false"));
  }

  /**
   * Reads single records of the trace topic. A fetch at the topic's end would otherwise wait for
   * half a second, and the next record sought with it.
   */
  static Map<String, Object> traceRecords(GatewaySettings s, String node) {
    Map<String, Object> all = new HashMap<>(traceReader(s, node));
    all.put("client.id", "hrm-trace-records-" + node);
    all.put("fetch.max.wait.ms", "5");
    return all;
  }

  /** Reads the trace topic from its beginning. */
  static Map<String, Object> traceReader(GatewaySettings s, String node) {
    return merge(
        s,
        Map.of(
            "max.poll.records", "2000",
            "max.partition.fetch.bytes", "1048576",
            "default.api.timeout.ms", "5000",
            "request.timeout.ms", "5000"),
        Map.of(
            "client.id", "hrm-trace-index-" + node,
            "isolation.level", "read_committed",
            "auto.offset.reset", "earliest",
            "enable.auto.commit", "false",
            "allow.auto.create.topics", "false"));
  }

  /** Answers, dead letters and offsets of one node. */
  static Map<String, Object> transactions(GatewaySettings s, String node) {
    long timeout = s.transactionTimeout().toMillis();
    return merge(
        s,
        Map.of(
            "linger.ms",
            "0",
            "buffer.memory",
            "67108864",
            "request.timeout.ms",
            Long.toString(timeout / 2),
            "delivery.timeout.ms",
            Long.toString(timeout * 9 / 10),
            "max.block.ms",
            Long.toString(timeout)),
        Map.of(
            "client.id",
            "hrm-answers-" + node,
            "max.request.size",
            REQUEST_BYTES, // the topics decide what is too large
            "transactional.id",
            s.transactionalIdPrefix() + node,
            "transaction.timeout.ms",
            Long.toString(timeout)));
  }

  static Map<String, Object> jobs(GatewaySettings s) {
    return merge(
        s,
        Map.of("linger.ms", "5", "max.request.size", REQUEST_BYTES, "max.block.ms", "30000"),
        Map.of("client.id", "hrm-submit", "acks", "all", "enable.idempotence", "true"));
  }

  /** A member of a group of its own, which begins with what comes from now on. */
  static Map<String, Object> group(GatewaySettings s, String node, String purpose) {
    return merge(
        s,
        consumer("500"),
        Map.of(
            "client.id", "hrm-" + purpose + "-" + node,
            "group.id", s.group() + "-" + purpose,
            "group.protocol", "consumer",
            "isolation.level", "read_committed",
            "auto.offset.reset", "latest",
            "enable.auto.commit", "false",
            "allow.auto.create.topics", "false"));
  }

  /** Best effort: lost rather than waited for. */
  static Map<String, Object> trace(GatewaySettings s, String node) {
    return merge(
        s,
        Map.of(
            "acks", "1",
            "enable.idempotence", "false",
            "linger.ms", "100", // a request costs more than an event
            "batch.size", "65536",
            "compression.type", "lz4",
            "max.request.size", REQUEST_BYTES,
            "max.block.ms", "1000",
            "request.timeout.ms", "5000",
            "delivery.timeout.ms", "10000"),
        Map.of("client.id", "hrm-trace-" + node));
  }

  private static Map<String, Object> consumer(String records) {
    return Map.of(
        "max.poll.records",
        records,
        "max.partition.fetch.bytes",
        REQUEST_BYTES,
        "default.api.timeout.ms",
        "10000",
        "request.timeout.ms",
        "5000");
  }

  private static Map<String, Object> merge(
      GatewaySettings s, Map<String, Object> tuning, Map<String, Object> fixed) {
    var all = new HashMap<String, Object>();
    all.put("reconnect.backoff.ms", "250");
    all.put("reconnect.backoff.max.ms", "2000");
    all.putAll(tuning);
    all.putAll(s.properties());
    all.putAll(fixed);
    all.put("bootstrap.servers", s.bootstrap());
    if (fixed.containsKey("isolation.level")) {
      all.put("key.deserializer", ByteArrayDeserializer.class.getName());
      all.put("value.deserializer", ByteArrayDeserializer.class.getName());
    } else if (!fixed.get("client.id").toString().startsWith("hrm-admin")) {
      all.put("key.serializer", ByteArraySerializer.class.getName());
      all.put("value.serializer", ByteArraySerializer.class.getName());
    }
    return all;
  }
}
