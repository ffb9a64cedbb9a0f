package hrm.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import hrm.proto.JobFailure;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;

/**
 * Records of the dead-letter topic: the job's value and headers as they came, and why it has no
 * answer; of a value, what the topic has room for. Header names are those of Kafka's share groups
 * (KIP-1191), with ours beside them.
 */
final class DeadLetters {
  static final String TRUNCATED = "hrm-value-truncated-from";
  static final String HEADERS_DROPPED = "hrm-headers-dropped";

  private static final String ERRORS = "__dlq.errors.";
  private static final int MAX_HEADER_BYTES = 256 << 10;
  private static final int MAX_MESSAGE_CHARS = 4096;
  private static final int TRUNCATED_BYTES = 64; // the header of that name

  private final GatewaySettings settings;
  private final String node;
  private final int maxBytes;

  /**
   * @param maxBytes of a letter's key, value and headers together
   */
  DeadLetters(GatewaySettings settings, String node, int maxBytes) {
    this.settings = settings;
    this.node = node;
    this.maxBytes = maxBytes;
  }

  /**
   * @param attempts how often the job was run
   * @param jobId also the record's key
   */
  ProducerRecord<byte[], byte[]> letter(
      ConsumerRecord<byte[], byte[]> record, String jobId, int attempts, JobRejected why) {
    String message = shorten(why.getMessage());
    var headers = originals(record);
    Headers.put(headers, ERRORS + "topic", record.topic());
    Headers.put(headers, ERRORS + "partition", Integer.toString(record.partition()));
    Headers.put(headers, ERRORS + "offset", Long.toString(record.offset()));
    Headers.put(headers, ERRORS + "group", settings.group());
    Headers.put(headers, ERRORS + "delivery.count", Integer.toString(Math.max(1, attempts)));
    Headers.put(headers, ERRORS + "message", message);
    Headers.put(headers, "hrm-error-class", why.failureCause().name());
    Headers.put(headers, Headers.JOB_ID, jobId);
    Headers.put(headers, Headers.NODE, node);
    Headers.put(headers, Headers.ATTEMPT, Integer.toString(attempts));
    Headers.put(headers, Headers.FAILURE, json(failure(jobId, attempts, why, message)));
    byte[] key = jobId.getBytes(StandardCharsets.UTF_8);
    byte[] value = record.value();
    int room = roomForValue(key, headers);
    if (value != null && value.length > room) {
      Headers.put(headers, TRUNCATED, Integer.toString(JobCodec.sizeOf(record)));
      value = Arrays.copyOf(value, room);
    }
    return new ProducerRecord<>(settings.topics().deadLetters(), null, key, value, headers);
  }

  private int roomForValue(byte[] key, RecordHeaders headers) {
    long left = maxBytes - TopicLimits.bytes(key, null, headers) - TRUNCATED_BYTES;
    return (int) Math.max(0, Math.min(left, settings.maxRecordBytes()));
  }

  private JobFailure failure(String jobId, int attempts, JobRejected why, String message) {
    return JobFailure.newBuilder()
        .setJobId(jobId)
        .setCause(why.failureCause())
        .setField(why.field())
        .setMessage(message)
        .setNode(node)
        .setAttempt(attempts)
        .build();
  }

  private static RecordHeaders originals(ConsumerRecord<byte[], byte[]> record) {
    var headers = new RecordHeaders();
    long bytes = 0;
    for (var header : record.headers()) {
      bytes += TopicLimits.bytes(header);
      headers.add(header);
    }
    if (bytes <= MAX_HEADER_BYTES) {
      return headers;
    }
    var none = new RecordHeaders();
    Headers.put(none, HEADERS_DROPPED, bytes + " bytes");
    return none;
  }

  private static String shorten(String message) {
    String text = message == null ? "" : message;
    return text.length() <= MAX_MESSAGE_CHARS
        ? text
        : text.substring(0, MAX_MESSAGE_CHARS) + " ...";
  }

  private static String json(JobFailure failure) {
    try {
      return JsonFormat.printer()
          .preservingProtoFieldNames()
          .omittingInsignificantWhitespace()
          .print(failure);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e); // only for Any fields, and there are none
    }
  }
}
