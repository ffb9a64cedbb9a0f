package hrm.gateway;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Largest records that may be written, in bytes of key, value and headers together. A record that
 * its topic refuses would end the transaction, and the same one would come again for ever.
 */
record TopicLimits(int answers, int letters) {
  private static final Logger LOG = LoggerFactory.getLogger(TopicLimits.class);

  /** What a topic accepts that nobody has configured. */
  private static final int KAFKAS_DEFAULT = 1_048_588;

  /** What a batch adds to its only record, generously. */
  private static final int BATCH_BYTES = 1024;

  /** What a header adds to its name and value, generously. */
  private static final int HEADER_BYTES = 10;

  /** Asks the brokers; a topic whose configuration they do not show is taken for a default one. */
  static TopicLimits ask(GatewaySettings settings) {
    var results = resource(settings.topics().results());
    var deadLetters = resource(settings.topics().deadLetters());
    try (Admin admin = Admin.create(KafkaProps.admin(settings))) {
      var configs = admin.describeConfigs(List.of(results, deadLetters)).values();
      return new TopicLimits(room(configs.get(results)), room(configs.get(deadLetters)));
    }
  }

  private static ConfigResource resource(String topic) {
    return new ConfigResource(ConfigResource.Type.TOPIC, topic);
  }

  private static int room(KafkaFuture<Config> config) {
    int accepted = KAFKAS_DEFAULT;
    try {
      accepted = Integer.parseInt(config.get().get("max.message.bytes").value());
    } catch (ExecutionException e) {
      LOG.warn(
          "The brokers do not say what a topic's max.message.bytes is; {} is assumed: {}",
          accepted,
          Nag.line(e.getCause()));
    } catch (InterruptedException e) {
      throw new org.apache.kafka.common.errors.InterruptException(e);
    }
    return Math.min(accepted, Topics.MAX_MESSAGE_BYTES) - BATCH_BYTES;
  }

  /** Bytes of a record's parts on the wire, at most; any of them may be null. */
  static long bytes(byte[] key, byte[] value, Headers headers) {
    long bytes = length(key) + length(value);
    for (Header header : headers) {
      bytes += bytes(header);
    }
    return bytes;
  }

  static long bytes(Header header) {
    int name = header.key().getBytes(StandardCharsets.UTF_8).length;
    return name + length(header.value()) + HEADER_BYTES;
  }

  private static long length(byte[] bytes) {
    return bytes == null ? 0 : bytes.length;
  }
}
