package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Turns of an intake over clients that touch no network. */
final class IntakeTest {
  private final GatewaySettings settings =
      GatewaySettings.from(ConfigFactory.defaultReference().resolve());
  private final TopicPartition jobs = new TopicPartition(settings.topics().jobs(), 0);
  private final List<Duration> polls = new ArrayList<>();
  private final CompletableFuture<PuzzleResult> answer = new CompletableFuture<>();
  private final MockConsumer<byte[], byte[]> consumer =
      new MockConsumer<>("earliest") {
        @Override
        public synchronized ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
          polls.add(timeout);
          return super.poll(timeout);
        }
      };
  private final Solver oneAtATime =
      new Solver() {
        @Override
        public CompletionStage<PuzzleResult> solve(PuzzleJob job, int attempt) {
          return answer;
        }

        @Override
        public int capacity() {
          return 1;
        }
      };
  private final Clients clients =
      new Clients(settings, "n") {
        @Override
        void ensureTopics() {}

        @Override
        TopicLimits limits() {
          return new TopicLimits(Topics.MAX_MESSAGE_BYTES, Topics.MAX_MESSAGE_BYTES);
        }

        @Override
        Producer<byte[], byte[]> producer() {
          return new MockProducer<>(
              true, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        Consumer<byte[], byte[]> consumer() {
          return consumer;
        }

        @Override
        TopicEnds ends() {
          return new LagTest.Ends();
        }
      };

  private void assign(String... ids) {
    consumer.updateBeginningOffsets(Map.of(jobs, 0L));
    consumer.rebalance(List.of(jobs));
    consumer.updateEndOffsets(Map.of(jobs, (long) ids.length));
    for (int i = 0; i < ids.length; i++) {
      byte[] job = PuzzleJob.newBuilder().setId(ids[i]).setText("1").build().toByteArray();
      consumer.addRecord(new ConsumerRecord<>(jobs.topic(), 0, i, ids[i].getBytes(), job));
    }
  }

  @Test
  void turn_enoughJobsRead_neverWaitsInTheConsumer_andGoesOnWhenARunEnds() {
    Tally tally = new Tally();
    try (Intake intake = new Intake(settings, clients, oneAtATime, "n", tally, new HashMap<>())) {
      assign("a", "b", "c");
      intake.turn(true);
      assertEquals(settings.pollInterval(), polls.get(0)); // nothing to do but to wait for records
      polls.clear();
      for (int i = 0; i < 3; i++) {
        intake.turn(true);
      }
      assertTrue(consumer.paused().contains(jobs));
      assertEquals(List.of(Duration.ZERO, Duration.ZERO, Duration.ZERO), polls);
      assertEquals(0, tally.completed.sum());
      answer.complete(PuzzleResult.newBuilder().setJobId("a").build());
      intake.turn(true);
      assertTrue(tally.completed.sum() > 0);
    }
  }

  @Test
  @Timeout(20)
  void jobThatFoundNoRoom_isOfferedAgain_asTheSameAttempt() {
    List<Integer> attempts = new ArrayList<>();
    Solver fullAtFirst =
        new Solver() {
          @Override
          public CompletionStage<PuzzleResult> solve(PuzzleJob job, int attempt) {
            attempts.add(attempt);
            return attempts.size() < 4
                ? CompletableFuture.failedFuture(new SolverBusy("full"))
                : CompletableFuture.completedFuture(
                    PuzzleResult.newBuilder().setJobId(job.getId()).setAttempt(attempt).build());
          }

          @Override
          public int capacity() {
            return 1;
          }
        };
    Tally tally = new Tally();
    try (Intake intake = new Intake(settings, clients, fullAtFirst, "n", tally, new HashMap<>())) {
      assign("a");
      while (tally.completed.sum() == 0) {
        intake.turn(true);
      }
    }
    assertEquals(List.of(1, 1, 1, 1), attempts);
    assertEquals(0, tally.redelivered.sum());
    assertEquals(0, tally.failed.sum());
  }
}
