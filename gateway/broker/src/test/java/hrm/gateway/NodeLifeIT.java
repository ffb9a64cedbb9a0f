package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.proto.PuzzleJob;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that start before the broker, and nodes that stop in good order. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class NodeLifeIT {
  private static final int JOBS = 20;

  @TempDir Path directory;

  private static void send(Stage stage) {
    try (var producer = new JobProducer(stage.settings, "/test")) {
      for (int i = 0; i < JOBS; i++) {
        producer.send(PuzzleJob.newBuilder().setId("job-" + i).setText("1.3").build());
      }
    }
  }

  private static void awaitAll(Stage stage) {
    try (var reader = ResultReader.fromBeginning(stage.settings)) {
      var answered = new HashSet<String>();
      while (answered.size() < JOBS) {
        reader.poll(Duration.ofMillis(100)).forEach(outcome -> answered.add(outcome.jobId()));
      }
    }
  }

  @Test
  void jobs_nodeStartedBeforeBroker_areAnswered() throws Exception {
    try (var stage = new Stage(directory, "hrm.gateway.transaction-timeout=2s")) {
      send(stage);
      stage.broker().kill();
      Child node = stage.node("early", 50);
      node.await(line -> line.contains("aborted=1"));
      stage.startBroker();
      awaitAll(stage);
      node.stop();
      assertEquals(0, Stage.duplicates(stage.outcomes()));
    }
  }

  @Test
  void jobsThatComeWhileANodeIsFull_areCountedAsUnfinished() throws Exception {
    try (var stage = new Stage(directory, "hrm.gateway.drain-timeout=0s")) {
      send(stage);
      Child slow = stage.node("slow", 1_000_000);
      slow.await(line -> unfinished(line) == JOBS && line.contains("inFlight=8"));
      for (int sent = 2; sent <= 4; sent++) {
        int all = sent * JOBS;
        send(stage); // its partitions are paused, and soon nothing of them is fetched any more
        slow.await(line -> unfinished(line) == all);
      }
      slow.stop();
    }
  }

  /** Of a line of statistics: in flight, waiting and not read. */
  private static int unfinished(String line) {
    return Pattern.compile("(inFlight|waiting|lag)=(\\d+)")
        .matcher(line)
        .results()
        .mapToInt(match -> Integer.parseInt(match.group(2)))
        .sum();
  }

  @Test
  void jobs_nodeStoppedWithThemInFlight_areHandedBackUncounted() throws Exception {
    try (var stage = new Stage(directory, "hrm.gateway.drain-timeout=0s")) {
      send(stage);
      Child slow = stage.node("slow", 100_000);
      slow.await(line -> line.contains("inFlight=8"));
      slow.stop();
      Child fast = stage.node("fast", 50);
      awaitAll(stage);
      fast.stop();
      for (var outcome : stage.outcomes().values()) {
        assertEquals(1, outcome.size());
        assertTrue(
            outcome.get(0) instanceof Outcome.Answered answered
                && answered.result().getAttempt() == 1);
      }
    }
  }
}
