package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.proto.JobFailure.Cause;
import hrm.proto.PuzzleJob;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A record of some kilobytes that is larger than the heap when decompressed. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class CompressionBombIT {
  private static final int INNOCENTS = 60;

  @Test
  void record_largerThanTheHeap_isADeadLetter_andCostsNobodyAnAttempt(@TempDir Path directory)
      throws Exception {
    try (var stage = new Stage(directory, "hrm.gateway.topics.partitions = 2");
        var reader = ResultReader.fromEnd(stage.settings)) {
      send(stage.settings);
      Child node = stage.node("small", 50, "-Xmx96m");
      var ended = new HashSet<String>();
      while (ended.size() < INNOCENTS + 1) {
        reader.poll(Duration.ofMillis(100)).forEach(outcome -> ended.add(outcome.jobId()));
      }
      assertTrue(node.isAlive());
      node.stop();
      var outcomes = stage.outcomes();
      assertEquals(0, Stage.duplicates(outcomes));
      for (int i = 0; i < INNOCENTS; i++) {
        var answered = (Outcome.Answered) outcomes.get("good-" + i).get(0);
        assertEquals(1, answered.result().getAttempt());
      }
      var letter = (Outcome.Failed) outcomes.get(stage.settings.topics().jobs() + "-0-10").get(0);
      assertEquals(Cause.UNREADABLE, letter.failure().getCause());
      assertTrue(letter.failure().getMessage().contains("decompressed"));
    }
  }

  /** Innocents in both partitions, and between those of the first one the bomb. */
  private static void send(GatewaySettings settings) {
    var properties = KafkaProps.jobs(settings);
    properties.put("compression.type", "zstd");
    properties.put("max.request.size", 256 << 20);
    properties.put("buffer.memory", 512L << 20);
    String jobs = settings.topics().jobs();
    try (var producer = new KafkaProducer<byte[], byte[]>(properties)) {
      for (int i = 0; i < INNOCENTS; i++) {
        if (i == 20) {
          producer.flush();
          producer.send(new ProducerRecord<>(jobs, 0, null, new byte[150 << 20]));
          producer.flush();
        }
        byte[] job = PuzzleJob.newBuilder().setId("good-" + i).setText("1.3").build().toByteArray();
        producer.send(new ProducerRecord<>(jobs, i % 2, null, job));
      }
    }
  }
}
