package hrm.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import hrm.proto.JobFailure.Cause;
import hrm.proto.PuzzleJob;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/**
 * Records to jobs. A value is a protobuf message, or protobuf's JSON mapping when the header {@code
 * content-type} says so. What cannot be read is refused with a sentence for its sender.
 */
final class JobCodec {
  /** Ids go into keys and headers of all that is written about a job. */
  static final int MAX_ID_BYTES = 1 << 10;

  /** The size of a value that cannot be had, since it did not fit the heap. */
  private static final int UNKNOWN_SIZE = Integer.MAX_VALUE;

  private final int maxBytes;

  /**
   * @param maxBytes size of the largest value that is read
   */
  JobCodec(int maxBytes) {
    this.maxBytes = maxBytes;
  }

  /**
   * The job in a record; one without an id is named after the record, and its trace context is the
   * headers'.
   *
   * @throws JobRejected with cause UNREADABLE when there is none
   */
  PuzzleJob decode(ConsumerRecord<byte[], byte[]> record) {
    byte[] value = record.value();
    int size = sizeOf(record);
    if (size == UNKNOWN_SIZE) {
      throw unreadable(
          "",
          "The record, or one before it in its batch, is too large to be read when decompressed; the limit is %d bytes (hrm.gateway.max-record-bytes)."
              .formatted(maxBytes));
    }
    if (size == 0) {
      throw unreadable("", "The record's value is empty: send a PuzzleJob.");
    }
    if (size > maxBytes) {
      throw unreadable(
          "",
          "The record's value has %d bytes, the limit is %d (hrm.gateway.max-record-bytes)."
              .formatted(size, maxBytes));
    }
    var job = parse(value, mediaType(record));
    boolean blank =
        switch (job.getPuzzleCase()) {
          case TEXT -> job.getText().isEmpty();
          case TOKENS -> job.getTokens().getValuesCount() == 0;
          case PUZZLE_NOT_SET -> true;
        };
    if (blank) {
      throw unreadable("text", "The job has no puzzle: set text or tokens.");
    }
    int idBytes = job.getIdBytes().size();
    if (idBytes > MAX_ID_BYTES) {
      throw unreadable(
          "id", "The job's id has %d bytes, the limit is %d.".formatted(idBytes, MAX_ID_BYTES));
    }
    var named = job.toBuilder().setTraceparent(traceparent(record, job));
    return job.getId().isEmpty() ? named.setId(nameOf(record)).build() : named.build();
  }

  /** The first valid one of the record's headers and the job; empty for none. */
  private static String traceparent(ConsumerRecord<?, ?> record, PuzzleJob job) {
    return Headers.traceparent(record.headers())
        .or(() -> W3cTrace.traceparent(job.getTraceparent()))
        .orElse("");
  }

  /** Stands for a record that did not fit the heap. */
  static ConsumerRecord<byte[], byte[]> tooLargeToRead(TopicPartition partition, long offset) {
    return new ConsumerRecord<>(
        partition.topic(),
        partition.partition(),
        offset,
        ConsumerRecord.NO_TIMESTAMP,
        TimestampType.NO_TIMESTAMP_TYPE,
        ConsumerRecord.NULL_SIZE,
        UNKNOWN_SIZE,
        null,
        null,
        new RecordHeaders(),
        Optional.empty());
  }

  /** Bytes of the value as it was sent, of which the record may have the beginning only. */
  static int sizeOf(ConsumerRecord<byte[], byte[]> record) {
    int there = record.value() == null ? 0 : record.value().length;
    return Math.max(there, record.serializedValueSize());
  }

  /** "topic-partition-offset". */
  static String nameOf(ConsumerRecord<?, ?> record) {
    return record.topic() + "-" + record.partition() + "-" + record.offset();
  }

  /**
   * The id under which an unreadable record's sender will look for it: its key, or its name where
   * the key is empty or too long for an id.
   */
  static String idOf(ConsumerRecord<byte[], byte[]> record) {
    byte[] key = record.key();
    String id =
        key == null || key.length > MAX_ID_BYTES ? "" : new String(key, StandardCharsets.UTF_8);
    return id.isEmpty() || id.getBytes(StandardCharsets.UTF_8).length > MAX_ID_BYTES
        ? nameOf(record)
        : id; // bytes that are no UTF-8 have become three each
  }

  private static String mediaType(ConsumerRecord<?, ?> record) {
    String type = Headers.text(record.headers(), Headers.CONTENT_TYPE);
    return type == null ? Headers.PROTOBUF : type.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
  }

  private static PuzzleJob parse(byte[] value, String mediaType) {
    return switch (mediaType) {
      case Headers.PROTOBUF -> parseProtobuf(value);
      case Headers.JSON -> JsonJobs.parse(value);
      default ->
          throw unreadable(
              "",
              "The header content-type is \"%.80s\": accepted are %s and %s."
                  .formatted(mediaType, Headers.PROTOBUF, Headers.JSON));
    };
  }

  private static PuzzleJob parseProtobuf(byte[] value) {
    PuzzleJob job;
    try {
      job = PuzzleJob.parseFrom(value);
    } catch (InvalidProtocolBufferException e) {
      throw unreadable(
          "", "The value is not a protobuf PuzzleJob: " + e.getMessage() + hint(value));
    }
    // Almost any bytes are some proto3 message: fields that PuzzleJob lacks give the others away.
    var unknown = job.getUnknownFields().asMap().keySet();
    if (!unknown.isEmpty()) {
      throw unreadable(
          "",
          "The value is not a protobuf PuzzleJob: it has the unknown fields "
              + unknown
              + "."
              + hint(value));
    }
    return job;
  }

  private static String hint(byte[] value) {
    return value[0] == '{'
        ? " It looks like JSON: set the header content-type: " + Headers.JSON + "."
        : "";
  }

  static JobRejected unreadable(String field, String message) {
    return new JobRejected(Cause.UNREADABLE, field, message);
  }
}
