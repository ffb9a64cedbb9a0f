package hrm.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.proto.JobFailure.Cause;
import hrm.proto.PuzzleJob;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Every kind of bad record becomes a dead letter with its cause, and the stream goes on. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class PoisonIT {
  private static final int INNOCENTS = 40;

  @TempDir Path directory;

  private static byte[] job(String id, String text) {
    return PuzzleJob.newBuilder().setId(id).setText(text).build().toByteArray();
  }

  /** All in one partition, so that each stands in the way of those behind it. */
  private static ProducerRecord<byte[], byte[]> record(
      Stage stage, String key, byte[] value, String contentType) {
    var record =
        new ProducerRecord<>(stage.settings.topics().jobs(), 0, key.getBytes(UTF_8), value);
    if (contentType != null) {
      record.headers().add(Headers.CONTENT_TYPE, contentType.getBytes(UTF_8));
    }
    return record;
  }

  private static void sendAll(Stage stage) {
    try (var producer = new KafkaProducer<byte[], byte[]>(KafkaProps.jobs(stage.settings))) {
      producer.send(record(stage, "noise", "not a puzzle".getBytes(UTF_8), null));
      producer.send(record(stage, "empty", new byte[0], null));
      producer.send(record(stage, "huge", new byte[10 << 20], null));
      producer.send(record(stage, "csv", job("csv", "1.3"), "text/csv"));
      byte[] json = "{\"id\":\"json\",\"text\":\"1.3\"}".getBytes(UTF_8);
      producer.send(record(stage, "json", json, "application/json"));
      producer.send(record(stage, "reject", job("reject", "reject"), null));
      producer.send(record(stage, "fail", job("fail", "fail"), null));
      producer.send(record(stage, "kill", job("kill", "kill"), null));
      for (int i = 0; i < INNOCENTS; i++) {
        producer.send(record(stage, "good-" + i, job("good-" + i, "1.3"), null));
      }
      producer.flush();
    }
  }

  @Test
  void badRecords_ofEveryKind_areDeadLettersAndTheStreamGoesOn() throws Exception {
    try (var stage = new Stage(directory, "hrm.gateway.max-attempts=4");
        var reader = ResultReader.fromEnd(stage.settings)) {
      sendAll(stage);
      Child node = stage.node("a", 400);
      var ended = new HashSet<String>();
      int deaths = 0;
      while (ended.size() < INNOCENTS + 8) {
        reader.poll(Duration.ofMillis(100)).forEach(outcome -> ended.add(outcome.jobId()));
        if (!node.isAlive()) {
          assertEquals(9, node.exitCode());
          deaths++;
          node = stage.node("a", 400);
        }
      }
      node.stop();
      assertEquals(4, deaths);
      check(stage.outcomes());
    }
  }

  private static void check(Map<String, List<Outcome>> outcomes) {
    assertEquals(INNOCENTS + 8, outcomes.size());
    assertEquals(0, Stage.duplicates(outcomes));
    assertFailed(outcomes, "noise", Cause.UNREADABLE, "PuzzleJob");
    assertFailed(outcomes, "empty", Cause.UNREADABLE, "empty");
    assertFailed(outcomes, "huge", Cause.UNREADABLE, "10485760");
    assertFailed(outcomes, "csv", Cause.UNREADABLE, "text/csv");
    assertFailed(outcomes, "reject", Cause.INVALID, "five corners");
    assertFailed(outcomes, "fail", Cause.SOLVER_ERROR, "attempt 4 failed");
    assertFailed(outcomes, "kill", Cause.TOO_MANY_ATTEMPTS, "run 4 times");
    assertTrue(outcomes.get("json").get(0) instanceof Outcome.Answered);
    for (int i = 0; i < INNOCENTS; i++) {
      assertTrue(outcomes.get("good-" + i).get(0) instanceof Outcome.Answered, "good-" + i);
    }
  }

  private static void assertFailed(
      Map<String, List<Outcome>> outcomes, String id, Cause cause, String part) {
    var failed = (Outcome.Failed) outcomes.get(id).get(0);
    assertEquals(cause, failed.failure().getCause());
    assertTrue(failed.failure().getMessage().contains(part), failed.failure().getMessage());
  }
}
