package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.proto.PuzzleJob;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Answers are visible exactly once, whatever is killed. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
final class JobSourceIT {
  private static final int JOBS = 500;

  @TempDir Path directory;

  private static void send(Stage stage, int jobs) {
    try (var producer = new JobProducer(stage.settings, "/test")) {
      for (int i = 0; i < jobs; i++) {
        producer.send(PuzzleJob.newBuilder().setId("job-" + i).setText("1.3").build());
      }
      producer.flush();
    }
  }

  @Test
  void results_nodesAndBrokerKilled_areExactlyOnce() throws Exception {
    try (var stage = new Stage(directory);
        var reader = ResultReader.fromEnd(stage.settings)) {
      send(stage, JOBS);
      Child[] nodes = {stage.node("a", 300), stage.node("b", 300)};
      var answered = new HashSet<String>();
      int kills = 0;
      while (answered.size() < JOBS) {
        reader.poll(Duration.ofMillis(100)).forEach(outcome -> answered.add(outcome.jobId()));
        while (kills < 6 && answered.size() >= 60 * (kills + 1)) { // answers may come all at once
          if (kills == 3) {
            stage.broker().kill();
            stage.startBroker();
          } else {
            nodes[kills % 2].kill();
            nodes[kills % 2] = stage.node(kills % 2 == 0 ? "a" : "b", 300);
          }
          kills++;
        }
      }
      assertEquals(6, kills);
      nodes[0].stop();
      nodes[1].stop();
      var outcomes = stage.outcomes();
      long again =
          outcomes.values().stream()
              .filter(o -> ((Outcome.Answered) o.get(0)).result().getAttempt() > 1)
              .count();
      System.err.printf(
          "%d jobs, %d kills: %d answered, %d duplicates, %d answered in a later attempt%n",
          JOBS, kills, outcomes.size(), Stage.duplicates(outcomes), again);
      assertEquals(JOBS, outcomes.size());
      assertEquals(0, Stage.duplicates(outcomes));
      assertTrue(again > 0, "no kill has hit a job in flight");
    }
  }

  @Test
  void zombie_fenced_doublesNothing() throws Exception {
    assertEquals(0, duplicatesOfZombie("on"));
  }

  /** The negative control: without the fence, the same zombie is seen to double answers. */
  @Test
  void zombie_notFenced_doubles() throws Exception {
    assertTrue(duplicatesOfZombie("off") > 0);
  }

  /** A node sleeps between answers and offsets until another has taken over, and wakes up. */
  private int duplicatesOfZombie(String fencing) throws Exception {
    int jobs = 100;
    try (var stage =
        new Stage(
            directory, "hrm.gateway.fencing=" + fencing, "hrm.gateway.transaction-timeout=60s")) {
      send(stage, jobs);
      Child zombie = stage.node("zombie", 200, "-Dstall=true");
      int before = completed(zombie.await(line -> line.endsWith(" stalled")));
      zombie.signal("STOP");
      Child heir = stage.node("heir", 50);
      heir.await(line -> completed(line) >= jobs - before);
      zombie.signal("CONT");
      zombie.say("go");
      zombie.await(line -> line.contains("inFlight=0, waiting=0"));
      zombie.stop();
      heir.stop();
      var outcomes = stage.outcomes();
      assertEquals(jobs, outcomes.size());
      System.err.printf(
          "fencing %s: %d duplicates of %d%n", fencing, Stage.duplicates(outcomes), jobs);
      return Stage.duplicates(outcomes);
    }
  }

  private static int completed(String line) {
    return line.contains(" completed") ? Integer.parseInt(line.substring(0, line.indexOf(' '))) : 0;
  }
}
