package hrm.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/** Records as a test needs them: jobs-1 at offset 42. */
final class Records {
  private Records() {}

  static ConsumerRecord<byte[], byte[]> job(String key, byte[] value, String... headers) {
    var all = new RecordHeaders();
    for (int i = 0; i < headers.length; i += 2) {
      all.add(headers[i], headers[i + 1].getBytes(StandardCharsets.UTF_8));
    }
    byte[] bytes = key == null ? null : key.getBytes(StandardCharsets.UTF_8);
    return new ConsumerRecord<>(
        "jobs", 1, 42, 0, TimestampType.CREATE_TIME, 0, 0, bytes, value, all, Optional.empty());
  }
}
