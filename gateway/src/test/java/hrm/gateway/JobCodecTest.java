package hrm.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.proto.JobFailure.Cause;
import hrm.proto.PuzzleJob;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JobCodecTest {
  private final JobCodec codec = new JobCodec(1000);

  private void assertUnreadable(ConsumerRecord<byte[], byte[]> record, String... parts) {
    var e = assertThrows(JobRejected.class, () -> codec.decode(record));
    assertEquals(Cause.UNREADABLE, e.failureCause());
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), e.getMessage());
    }
  }

  private static byte[] job(String id) {
    return PuzzleJob.newBuilder().setId(id).setText("1.3").build().toByteArray();
  }

  @Test
  void decode_noContentType_isProtobuf() {
    assertEquals("1.3", codec.decode(Records.job("a", job("a"))).getText());
  }

  @Test
  void decode_json_isRead() {
    byte[] json = "{\"id\":\"a\",\"text\":\"1.3\"}".getBytes(UTF_8);
    var record = Records.job("a", json, "content-type", "Application/JSON; charset=utf-8");
    assertEquals("1.3", codec.decode(record).getText());
  }

  @Test
  void decode_keyAndIdDiffer_idWins() {
    assertEquals("value", codec.decode(Records.job("key", job("value"))).getId());
  }

  @Test
  void decode_noId_isNamedAfterRecord() {
    assertEquals("jobs-1-42", codec.decode(Records.job("key", job(""))).getId());
  }

  @Test
  void decode_longId_isRefused_andItsRecordGoesByKeyOrName() {
    String longest = "x".repeat(JobCodec.MAX_ID_BYTES);
    var large = new JobCodec(1 << 20);
    assertEquals(longest, large.decode(Records.job("a", job(longest))).getId());
    var record = Records.job("a", job(longest + "x"));
    var e = assertThrows(JobRejected.class, () -> large.decode(record));
    assertEquals("id", e.field());
    assertEquals("a", JobCodec.idOf(record));
    assertEquals(longest, JobCodec.idOf(Records.job(longest, null)));
    assertEquals("jobs-1-42", JobCodec.idOf(Records.job(longest + "x", null)));
  }

  @Test
  void idOf_keyThatGrowsAsText_isTheName() {
    byte[] key = new byte[JobCodec.MAX_ID_BYTES];
    java.util.Arrays.fill(key, (byte) 0xff);
    assertEquals("jobs-1-42", JobCodec.idOf(new ConsumerRecord<>("jobs", 1, 42, key, null)));
  }

  @Test
  void decode_empty_isUnreadable() {
    assertUnreadable(Records.job("a", new byte[0]), "empty");
    assertUnreadable(Records.job("a", null), "empty");
  }

  @Test
  void decode_tooLarge_namesSizeAndLimit() {
    assertUnreadable(Records.job("a", new byte[1001]), "1001", "1000", "max-record-bytes");
  }

  @Test
  void decode_unknownContentType_namesAcceptedOnes() {
    var record = Records.job("a", job("a"), "content-type", "text/csv");
    assertUnreadable(record, "text/csv", "application/protobuf", "application/json");
  }

  @Test
  void decode_jsonWithoutHeader_hintsAtHeader() {
    assertUnreadable(Records.job("a", "{\"id\":\"a\"}".getBytes(UTF_8)), "content-type");
  }

  @Test
  void decode_badJson_isUnreadable() {
    byte[] json = "{\"id\":1,\"colour\":2}".getBytes(UTF_8);
    assertUnreadable(Records.job("a", json, "content-type", "application/json"), "colour");
  }

  @Test
  void decode_otherMessage_namesUnknownFields() {
    byte[] other = {(byte) 0xa2, 0x06, 1, 'x'}; // field 100, one byte
    assertUnreadable(Records.job("a", other), "unknown fields [100]");
  }

  @Test
  void decode_noPuzzle_namesField() {
    var e =
        assertThrows(
            JobRejected.class,
            () ->
                codec.decode(
                    Records.job("a", PuzzleJob.newBuilder().setId("a").build().toByteArray())));
    assertEquals("text", e.field());
  }

  @Test
  void decode_randomBytes_neverThrowsAnythingElse() {
    var random = new Random(1);
    int readable = 0;
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[1 + random.nextInt(60)];
      random.nextBytes(bytes);
      try {
        codec.decode(Records.job("a", bytes));
        readable++;
      } catch (JobRejected e) {
        assertEquals(Cause.UNREADABLE, e.failureCause());
      }
    }
    assertTrue(readable < 50, readable + " of 20000 noises taken for jobs");
  }

  private static final String PARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

  private String traceparent(String own, String... headers) {
    byte[] job = PuzzleJob.newBuilder().setText("1").setTraceparent(own).build().toByteArray();
    return codec.decode(Records.job("a", job, headers)).getTraceparent();
  }

  @Test
  void decode_traceparent_isTheHeadersBeforeTheJobs() {
    String other = PARENT.replace('4', '5');
    assertEquals(PARENT, traceparent(other, "traceparent", PARENT));
    assertEquals(PARENT, traceparent(other, "ce_traceparent", PARENT));
    assertEquals(PARENT, traceparent("", "ce_traceparent", other, "traceparent", PARENT));
    assertEquals(other, traceparent(other));
    assertEquals("", traceparent(""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\n",
      })
  void decode_invalidTraceparent_isIgnored(String value) {
    assertEquals("", traceparent("", "traceparent", value));
    assertEquals(PARENT, traceparent("", "traceparent", value, "ce_traceparent", PARENT));
    assertEquals("", traceparent(value));
  }

  @Test
  void decode_traceparentOfALaterVersion_isReadAsTheFirst() {
    String later = "cc" + PARENT.substring(2, 53) + "0b-what-comes";
    assertEquals(PARENT, traceparent("", "traceparent", later));
  }
}
