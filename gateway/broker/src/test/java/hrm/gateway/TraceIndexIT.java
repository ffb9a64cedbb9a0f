package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Timestamp;
import com.typesafe.config.ConfigFactory;
import hrm.proto.Admitted;
import hrm.proto.Halted;
import hrm.proto.TraceEvent;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The index over a real broker. */
@Timeout(120)
final class TraceIndexIT {
  private static final int MANY = 60_000;
  private static final Duration LONGEST = Duration.ofSeconds(60);

  private static TraceEvent.Builder event(String id, int sequence) {
    return TraceEvent.newBuilder().setJobId(id).setAttempt(1).setSequence(sequence);
  }

  @Test
  void jobs_areFoundAgainWhateverStandsBetweenThem(@TempDir Path directory) throws Exception {
    var settings =
        TraceIndexSettings.from(
            ConfigFactory.parseString("hrm.gateway.trace-index.max-events-per-job = 50000")
                .withFallback(ConfigFactory.load())
                .resolve());
    try (var stage = new Stage(directory, "hrm.gateway.topics.partitions = 2");
        var producer =
            new KafkaProducer<byte[], byte[]>(KafkaProps.trace(stage.settings, "test"))) {
      for (int i = 0; i < MANY; i++) {
        send(stage, producer, event("huge", i).build().toByteArray(), "huge");
        if (i % 10_000 == 0) {
          send(stage, producer, event("sparse", i).build().toByteArray(), "sparse");
          send(stage, producer, new byte[] {(byte) 0xff, 3}, "sparse");
          send(stage, producer, null, "huge");
        }
      }
      producer.flush();
      try (var index = TraceIndex.start(stage.settings, settings, "n")) {
        long deadline = System.nanoTime() + LONGEST.toNanos();
        while (index.stats().indexing()) {
          assertTrue(System.nanoTime() - deadline < 0, () -> "not read: " + index.stats());
          LockSupport.parkNanos(5_000_000);
        }
        assertEquals(2, index.stats().jobs());
        assertEquals(12, index.stats().corrupt());
        assertEquals(MANY + 6, index.stats().events());
        TraceIndex.Events sparse = index.events("sparse", 100);
        assertEquals(
            IntStream.range(0, 6).mapToObj(i -> 10_000 * i).toList(),
            sparse.events().stream().map(TraceEvent::getSequence).toList());
        assertFalse(sparse.truncated());
        TraceIndex.Events huge = index.events("huge", MANY);
        assertEquals(50_000, huge.events().size());
        assertEquals(49_999, huge.events().get(49_999).getSequence());
        assertTrue(huge.truncated());
        assertEquals(JobSummary.State.RUNNING, index.job("huge").orElseThrow().state());
        followsWhatIsNew(stage, index);
      }
    }
  }

  /** What a node sends is seen by whoever watches. */
  private static void followsWhatIsNew(Stage stage, TraceIndex index) throws Exception {
    BlockingQueue<JobSummary> changes = new LinkedBlockingQueue<>();
    index.addListener(changes::add);
    try (var sink = new TraceSink(stage.settings, "n")) {
      Timestamp later = Timestamp.newBuilder().setSeconds(1).build();
      sink.offer(
          event("live", 0).setAt(later).setAdmitted(Admitted.newBuilder().setModel("m")).build());
      sink.offer(
          event("live", 1).setAt(later).setHalted(Halted.newBuilder().setSegments(4)).build());
      JobSummary job;
      do {
        job = changes.poll(30, TimeUnit.SECONDS);
        assertEquals("live", job.id());
      } while (job.state() != JobSummary.State.HALTED);
      assertEquals(4, job.segments());
      assertEquals("live", index.jobs(1).get(0).id());
      assertEquals(2, index.events("live", 9).events().size());
      assertEquals(List.of(), index.events("nobody", 9).events());
    }
  }

  private static void send(
      Stage stage, KafkaProducer<byte[], byte[]> producer, byte[] value, String key) {
    producer.send(
        new ProducerRecord<>(
            stage.settings.topics().trace(), key.getBytes(StandardCharsets.UTF_8), value));
  }
}
