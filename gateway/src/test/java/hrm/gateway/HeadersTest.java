package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.junit.jupiter.api.Test;

final class HeadersTest {
  private static String traceId(String parent) {
    var headers = new RecordHeaders();
    headers.add("traceparent", parent == null ? null : parent.getBytes(StandardCharsets.UTF_8));
    return Headers.traceId(headers);
  }

  @Test
  void traceId_ofATraceparent_andOfNothingElse() {
    assertEquals(
        "4bf92f3577b34da6a3ce929d0e0e4736",
        traceId("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
    assertEquals("", traceId("4bf92f3577b34da6a3ce929d0e0e4736"));
    assertEquals("", traceId(null));
    assertEquals("", Headers.traceId(new RecordHeaders()));
  }

  @Test
  void carryOver_takesWhatTiesAnAnswerToItsSender_unlessItIsTooLongForThat() {
    var from = new RecordHeaders();
    from.add("correlation-id", new byte[8 << 10]);
    from.add("tracestate", new byte[(8 << 10) + 1]);
    from.add("traceparent", null);
    from.add("x", new byte[1]);
    var to = new RecordHeaders();
    Headers.carryOver(from, to);
    assertEquals(2, to.toArray().length);
    assertEquals(8 << 10, to.lastHeader("correlation-id").value().length);
  }

  @Test
  void printable_isOneShortLine() {
    assertEquals("a?b??", Headers.printable("a\nb\u001b\u0000"));
    assertEquals(128, Headers.printable("x".repeat(1000)).length());
  }
}
