package hrm.gateway;

import java.nio.ByteBuffer;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Bytes as they are, but of more than a limit only so many and one. How many there were, {@link
 * org.apache.kafka.clients.consumer.ConsumerRecord#serializedValueSize} says. A compressed record
 * may be thousands of times as large as the broker thought when it accepted it.
 */
final class CutDeserializer implements Deserializer<byte[]> {
  private final int limit;

  CutDeserializer(int limit) {
    this.limit = limit;
  }

  @Override
  public byte[] deserialize(String topic, byte[] data) {
    return data == null ? null : deserialize(topic, null, ByteBuffer.wrap(data));
  }

  @Override
  public byte[] deserialize(String topic, Headers headers, ByteBuffer data) {
    if (data == null) {
      return null;
    }
    byte[] bytes = new byte[Math.min(data.remaining(), limit + 1)];
    data.duplicate().get(bytes); // the caller asks it for its size afterwards
    return bytes;
  }
}
