package hrm.gateway;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;

/** Record headers: CloudEvents 1.0 in binary mode (Kafka protocol binding), W3C trace, our own. */
final class Headers {
  static final String CONTENT_TYPE = "content-type";
  static final String PROTOBUF = "application/protobuf";
  static final String JSON = "application/json";
  static final String JOB_ID = "hrm-job-id";
  static final String ATTEMPT = "hrm-attempt";
  static final String MODEL = "hrm-model";
  static final String NODE = "hrm-node";
  static final String FAILURE = "hrm-failure";
  static final String TRACEPARENT = "traceparent";

  /** CloudEvents' extension for distributed tracing. */
  static final String CE_TRACEPARENT = "ce_traceparent";

  private static final String[] CARRIED_OVER = {
    TRACEPARENT, CE_TRACEPARENT, "tracestate", "ce_tracestate", "correlation-id"
  };

  private static final int MAX_CARRIED_BYTES = 8 << 10;

  private Headers() {}

  /**
   * The five required attributes and the subject.
   *
   * @param source URI of who speaks, as {@code /hrm/node-1}
   */
  static RecordHeaders cloudEvent(String type, String source, String jobId, Instant time) {
    var headers = new RecordHeaders();
    put(headers, "ce_specversion", "1.0");
    put(headers, "ce_id", jobId);
    put(headers, "ce_type", type);
    put(headers, "ce_source", source);
    put(headers, "ce_time", time.toString());
    put(headers, "ce_subject", jobId);
    put(headers, CONTENT_TYPE, PROTOBUF);
    put(headers, JOB_ID, jobId);
    return headers;
  }

  /**
   * Copies what ties an answer to its sender's trace and conversation, each unless it is too long
   * to be that.
   */
  static void carryOver(org.apache.kafka.common.header.Headers from, RecordHeaders to) {
    for (String name : CARRIED_OVER) {
      Header header = from.lastHeader(name);
      if (header != null
          && (header.value() == null || header.value().length <= MAX_CARRIED_BYTES)) {
        to.add(name, header.value());
      }
    }
  }

  /** Replaces what was there under that name. */
  static void put(RecordHeaders headers, String name, String value) {
    headers.remove(name);
    headers.add(name, value.getBytes(StandardCharsets.UTF_8));
  }

  /** The first valid trace context in the headers, as {@link W3cTrace#traceparent} has it. */
  static Optional<String> traceparent(org.apache.kafka.common.header.Headers headers) {
    return W3cTrace.traceparent(text(headers, TRACEPARENT))
        .or(() -> W3cTrace.traceparent(text(headers, CE_TRACEPARENT)));
  }

  /** The trace id of {@link #traceparent}; empty where there is none. */
  static String traceId(org.apache.kafka.common.header.Headers headers) {
    return traceparent(headers).map(parent -> parent.substring(3, 35)).orElse("");
  }

  /** For logs: one line of at most 128 characters, whatever a sender chose as an id. */
  static String printable(String text) {
    return text.codePoints()
        .limit(128)
        .collect(StringBuilder::new, Headers::append, StringBuilder::append)
        .toString();
  }

  private static void append(StringBuilder line, int codePoint) {
    line.appendCodePoint(Character.isISOControl(codePoint) ? '?' : codePoint);
  }

  /** The header's value as UTF-8, or null. */
  static String text(org.apache.kafka.common.header.Headers headers, String name) {
    Header header = headers.lastHeader(name);
    return header == null || header.value() == null
        ? null
        : new String(header.value(), StandardCharsets.UTF_8);
  }
}
