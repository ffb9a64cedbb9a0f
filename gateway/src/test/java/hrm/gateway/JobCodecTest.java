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
}
