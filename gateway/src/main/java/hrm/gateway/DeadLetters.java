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
  private static final int MAX_FIELD_CHARS = 256; // of a message, too, where there is no room
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
    byte[] key = jobId.getBytes(StandardCharsets.UTF_8);
    JobFailure failure = failure(jobId, attempts, why, MAX_MESSAGE_CHARS);
    RecordHeaders headers = headers(record, originals(record, MAX_HEADER_BYTES), failure);
    if (roomForValue(key, headers) < 0) {
      headers = headers(record, originals(record, 0), failure);
    }
    if (roomForValue(key, headers) < 0) {
      failure = failure(jobId, attempts, why, MAX_FIELD_CHARS);
      headers = headers(record, originals(record, 0), failure);
    }
    byte[] value = record.value();
    int room = (int) Math.max(0, Math.min(roomForValue(key, headers), settings.maxRecordBytes()));
    if (value != null && value.length > room) {
      Headers.put(headers, TRUNCATED, Integer.toString(JobCodec.sizeOf(record)));
      value = Arrays.copyOf(value, room);
    }
    return new ProducerRecord<>(settings.topics().deadLetters(), null, key, value, headers);
  }

  /** Negative where the headers alone have none. */
  private long roomForValue(byte[] key, RecordHeaders headers) {
    return maxBytes - TopicLimits.bytes(key, null, headers) - TRUNCATED_BYTES;
  }

  /** The given ones and ours. */
  private RecordHeaders headers(
      ConsumerRecord<byte[], byte[]> record, RecordHeaders headers, JobFailure failure) {
    int attempts = failure.getAttempt();
    Headers.put(headers, ERRORS + "topic", record.topic());
    Headers.put(headers, ERRORS + "partition", Integer.toString(record.partition()));
    Headers.put(headers, ERRORS + "offset", Long.toString(record.offset()));
    Headers.put(headers, ERRORS + "group", settings.group());
    Headers.put(headers, ERRORS + "delivery.count", Integer.toString(Math.max(1, attempts)));
    Headers.put(headers, ERRORS + "message", failure.getMessage());
    Headers.put(headers, "hrm-error-class", failure.getCause().name());
    Headers.put(headers, Headers.JOB_ID, failure.getJobId());
    Headers.put(headers, Headers.NODE, node);
    Headers.put(headers, Headers.ATTEMPT, Integer.toString(attempts));
    Headers.put(headers, Headers.FAILURE, json(failure));
    return headers;
  }

  private JobFailure failure(String jobId, int attempts, JobRejected why, int maxMessageChars) {
    return JobFailure.newBuilder()
        .setJobId(jobId)
        .setCause(why.failureCause())
        .setField(shorten(why.field(), MAX_FIELD_CHARS))
        .setMessage(shorten(why.getMessage(), maxMessageChars))
        .setNode(node)
        .setAttempt(attempts)
        .build();
  }

  private static RecordHeaders originals(ConsumerRecord<byte[], byte[]> record, int maxBytes) {
    var headers = new RecordHeaders();
    long bytes = 0;
    for (var header : record.headers()) {
      bytes += TopicLimits.bytes(header);
      headers.add(header);
    }
    if (bytes <= maxBytes) {
      return headers;
    }
    var none = new RecordHeaders();
    Headers.put(none, HEADERS_DROPPED, bytes + " bytes");
    return none;
  }

  private static String shorten(String text, int maxChars) {
    String some = text == null ? "" : text;
    return some.length() <= maxChars ? some : some.substring(0, maxChars) + " ...";
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
