package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The group has committed more than the topic of jobs holds, as after a restore from a backup. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class RestoredTopicIT {
  private static final int JOBS = 20;

  private static final Solver ECHO =
      new Solver() {
        @Override
        public CompletionStage<PuzzleResult> solve(PuzzleJob job, int attempt) {
          return CompletableFuture.completedFuture(
              PuzzleResult.newBuilder().setJobId(job.getId()).setModel("echoes").build());
        }

        @Override
        public int capacity() {
          return 8;
        }
      };

  @Test
  void jobsBelowTheCommittedOffset_areAnswered(@TempDir Path directory) throws Exception {
    try (var stage = new Stage(directory, "hrm.gateway.topics.partitions = 1");
        var reader = ResultReader.fromEnd(stage.settings);
        var producer = new JobProducer(stage.settings, "/test")) {
      send(producer, "old-");
      commit(stage.settings, new OffsetAndMetadata(5 * JOBS, ""));
      var answered = new HashSet<String>();
      try (var source = new JobSource(stage.settings, ECHO, "n")) {
        source.start();
        await(reader, answered, JOBS);
        send(producer, "new-");
        await(reader, answered, 2 * JOBS);
        assertEquals(0, source.stats().aborted());
      }
      assertEquals(0, Stage.duplicates(stage.outcomes()));
    }
  }

  private static void await(ResultReader reader, Set<String> answered, int wanted) {
    while (answered.size() < wanted) {
      reader.poll(Duration.ofMillis(100)).forEach(outcome -> answered.add(outcome.jobId()));
    }
  }

  private static void send(JobProducer producer, String prefix) {
    for (int i = 0; i < JOBS; i++) {
      producer.send(PuzzleJob.newBuilder().setId(prefix + i).setText("1.3").build());
    }
    producer.flush();
  }

  private static void commit(GatewaySettings settings, OffsetAndMetadata at) throws Exception {
    var partition = new TopicPartition(settings.topics().jobs(), 0);
    try (Admin admin = Admin.create(KafkaProps.admin(settings))) {
      admin.alterConsumerGroupOffsets(settings.group(), Map.of(partition, at)).all().get();
    }
  }
}
