package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import hrm.proto.JobFailure.Cause;
import org.junit.jupiter.api.Test;

final class DeadLettersTest {
  private final GatewaySettings settings = GatewaySettings.from(ConfigFactory.defaultReference());
  private final DeadLetters deadLetters = new DeadLetters(settings, "n1", 2 << 20);
  private final JobRejected why = new JobRejected(Cause.INVALID, "text", "Two fives.");

  private String header(
      org.apache.kafka.clients.producer.ProducerRecord<byte[], byte[]> letter, String name) {
    return Headers.text(letter.headers(), name);
  }

  @Test
  void letter_anyJob_keepsValueAndHeadersAndSaysWhy() {
    var record = Records.job("k", new byte[] {1, 2}, "traceparent", "t", "x", "y");
    var letter = deadLetters.letter(record, "id", 2, why);
    assertEquals("dlq.hrm.jobs.v1", letter.topic());
    assertArrayEquals(new byte[] {1, 2}, letter.value());
    assertEquals("id", new String(letter.key(), java.nio.charset.StandardCharsets.UTF_8));
    assertEquals("y", header(letter, "x"));
    assertEquals("t", header(letter, "traceparent"));
    assertEquals("jobs", header(letter, "__dlq.errors.topic"));
    assertEquals("1", header(letter, "__dlq.errors.partition"));
    assertEquals("42", header(letter, "__dlq.errors.offset"));
    assertEquals("hrm-solver", header(letter, "__dlq.errors.group"));
    assertEquals("2", header(letter, "__dlq.errors.delivery.count"));
    assertEquals("Two fives.", header(letter, "__dlq.errors.message"));
    assertEquals("INVALID", header(letter, "hrm-error-class"));
    assertEquals("n1", header(letter, "hrm-node"));
    assertEquals("2", header(letter, "hrm-attempt"));
    assertTrue(header(letter, "hrm-failure").contains("\"field\":\"text\""));
    assertTrue(header(letter, "hrm-failure").contains("\"job_id\":\"id\""));
  }

  @Test
  void letter_largeValue_isTruncatedAndSaysSo() {
    var letter = deadLetters.letter(Records.job("k", new byte[3 << 20]), "id", 0, why);
    assertEquals(1 << 20, letter.value().length);
    assertEquals("3145728", header(letter, DeadLetters.TRUNCATED));
  }

  @Test
  void letter_valueThatDoesNotFitTheTopicWithTheHeaders_isTruncatedAndFits() {
    int topic = 1 << 20;
    var record = Records.job("k", new byte[topic - 100], "x", "y".repeat(1000));
    var letter = new DeadLetters(settings, "n1", topic).letter(record, "id", 0, why);
    long bytes = TopicLimits.bytes(letter.key(), letter.value(), letter.headers());
    assertTrue(topic - 100 < bytes && bytes <= topic, bytes + " bytes");
    assertEquals(Integer.toString(topic - 100), header(letter, DeadLetters.TRUNCATED));
    assertEquals(1000, header(letter, "x").length());
  }

  @Test
  void letter_veryManyEmptyHeaders_areDropped() {
    String[] headers = new String[2 * 100_000];
    java.util.Arrays.fill(headers, "");
    var letter = deadLetters.letter(Records.job("k", new byte[1], headers), "id", 0, why);
    assertEquals("1000000 bytes", header(letter, DeadLetters.HEADERS_DROPPED));
  }

  @Test
  void letter_hugeHeaders_areDroppedAndItSaysSo() {
    var letter =
        deadLetters.letter(Records.job("k", new byte[1], "x", "y".repeat(1 << 20)), "id", 0, why);
    assertNull(header(letter, "x"));
    assertTrue(header(letter, DeadLetters.HEADERS_DROPPED).endsWith("bytes"));
  }

  @Test
  void letter_hugeFieldName_isCut_andTheLetterFits() {
    int topic = 1 << 20;
    var record = Records.job("k", new byte[1000], "x", "y");
    var huge = new JobRejected(Cause.UNREADABLE, "\ufffd".repeat(2 << 20), "No such field.");
    var letter = new DeadLetters(settings, "n1", topic).letter(record, "id", 0, huge);
    assertTrue(bytes(letter) <= topic, bytes(letter) + " bytes");
    assertEquals("y", header(letter, "x"));
    assertTrue(header(letter, "hrm-failure").contains("\"field\":\"" + "\ufffd".repeat(256) + " "));
  }

  @Test
  void letter_headersThatDoNotFitTheTopic_originalsGoFirst_thenTheMessageIsCut() {
    var record = Records.job("k", new byte[1000], "x", "y".repeat(100_000));
    var longWinded = new JobRejected(Cause.UNREADABLE, "", "\u0001".repeat(5000)); // 6 bytes each
    var letter = new DeadLetters(settings, "n1", 64 << 10).letter(record, "id", 0, longWinded);
    assertTrue(bytes(letter) <= 64 << 10, bytes(letter) + " bytes");
    assertTrue(header(letter, DeadLetters.HEADERS_DROPPED).endsWith("bytes"));
    assertEquals(4100, header(letter, "__dlq.errors.message").length());
    letter = new DeadLetters(settings, "n1", 16 << 10).letter(record, "id", 0, longWinded);
    assertTrue(bytes(letter) <= 16 << 10, bytes(letter) + " bytes");
    assertEquals(260, header(letter, "__dlq.errors.message").length());
  }

  private static long bytes(
      org.apache.kafka.clients.producer.ProducerRecord<byte[], byte[]> letter) {
    return TopicLimits.bytes(letter.key(), letter.value(), letter.headers());
  }
}
