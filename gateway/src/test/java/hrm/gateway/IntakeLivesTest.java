package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What one life of an intake leaves to the next, and what it makes of a log that has changed. */
final class IntakeLivesTest {
  private final OfflineClients clients = OfflineClients.with();
  private final Tally tally = new Tally();
  private final Map<TopicPartition, Map<Long, Integer>> survivors = new HashMap<>();
  private final List<Integer> attempts = new ArrayList<>();
  private final Solver endless =
      new PlayedSolver(
          8,
          (job, attempt) -> {
            attempts.add(attempt);
            return new CompletableFuture<>();
          });

  private Intake life(Solver solver) {
    return life(solver, false);
  }

  private Intake life(Solver solver, boolean careful) {
    return new Intake(clients.settings, clients, solver, "n", tally, survivors, careful);
  }

  private static PuzzleJob job() {
    return PuzzleJob.newBuilder().setText("1").build();
  }

  /** A life in which jobs are begun that do not end. */
  private void begin() {
    try (var life = life(endless)) {
      clients.assign(0);
      life.turn(true);
    }
  }

  @Test
  void runsOfALifeThatEnded_areNotCounted_thoughTheNextFailsBeforeItCommits() {
    clients.send(0, job());
    begin();
    for (int i = 0; i < 2; i++) {
      try (var life = life(endless)) {
        clients.assign(0);
        clients.commitsThatFail = 1;
        assertThrows(KafkaException.class, () -> life.turn(false)); // before any job is begun
      }
    }
    begin();
    assertEquals(List.of(1, 1), attempts);
  }

  @Test
  void runsHandedBack_areNotCounted_thoughThatIsNotCommitted() {
    clients.send(0, job());
    try (var life = life(endless)) {
      clients.assign(0);
      life.turn(true);
      clients.commitsThatFail = 1;
      clients.assign(); // all are revoked
      assertThrows(KafkaException.class, () -> life.turn(true));
    }
    begin();
    assertEquals(List.of(1, 1), attempts);
  }

  @Test
  void recordThatDoesNotFitTheHeap_isADeadLetterInACarefulLife_andNoOtherIs() {
    for (int i = 0; i < 5; i++) {
      clients.send(0, job());
    }
    clients.tooLargeAt = 3;
    var answer = CompletableFuture.completedFuture(PuzzleResult.getDefaultInstance());
    var solver = new PlayedSolver(8, (job, attempt) -> answer);
    try (var life = life(solver, false)) {
      clients.assign(0, 1);
      assertThrows(RecordsTooLarge.class, () -> life.turn(true));
    }
    try (var life = life(solver, true)) {
      clients.assign(0, 1);
      while (tally.completed.sum() < 4) {
        life.turn(true);
      }
    }
    assertEquals(1, tally.deadLettered.sum());
    assertEquals(5, clients.committed.get(clients.partition(0)).offset());
  }

  @Test
  void survivors_areForgotten_whenTheirRunsAreCommittedAsNotCounted() {
    clients.send(0, job());
    begin();
    assertEquals(1, survivors.get(clients.partition(0)).size());
    try (var life = life(endless)) {
      clients.assign(0);
      life.turn(false);
      assertEquals(Map.of(), survivors);
    }
  }

  @Test
  void partitionOfANewerVersion_isLeftAlone_andTheOthersGoOn() {
    clients.committed.put(clients.partition(0), new OffsetAndMetadata(0, "h2:zABC"));
    clients.send(0, job());
    clients.send(1, job());
    var answer = CompletableFuture.completedFuture(PuzzleResult.getDefaultInstance());
    try (var life = life(new PlayedSolver(8, (job, attempt) -> answer))) {
      clients.assign(0, 1);
      while (tally.completed.sum() < 1) {
        life.turn(true);
      }
      life.turn(true);
      assertEquals(1, tally.received.sum());
      assertEquals(1, tally.partitions);
      assertEquals(1, tally.unreadable);
      assertEquals("h2:zABC", clients.committed.get(clients.partition(0)).metadata());
      clients.assign(1); // the other is revoked
      life.turn(true);
      assertEquals(0, tally.unreadable);
    }
  }

  @Test
  void logThatEndsBeforeTheCommittedOffset_isReadFromItsBeginning() {
    clients.committed.put(clients.partition(0), new OffsetAndMetadata(150, ""));
    for (int i = 0; i < 3; i++) {
      clients.send(0, job());
    }
    var answer = CompletableFuture.completedFuture(PuzzleResult.getDefaultInstance());
    try (var life = life(new PlayedSolver(8, (job, attempt) -> answer))) {
      clients.assign(0);
      life.turn(true);
      assertEquals(0, tally.received.sum());
      clients.consumer.seek(clients.partition(0), 0); // as Kafka's consumer does
      for (int i = 0; i < 4; i++) {
        life.turn(true);
      }
    }
    assertEquals(3, tally.completed.sum());
    assertEquals(3, clients.committed.get(clients.partition(0)).offset());
  }

  @Test
  void logThatIsCutBackWhileItIsRead_isReadFromThere_andRunsOfWhatIsGoneAreDropped() {
    var runs = new ArrayList<CompletableFuture<PuzzleResult>>();
    for (int i = 0; i < 3; i++) {
      clients.send(0, job());
    }
    try (var life =
        life(
            new PlayedSolver(
                8,
                (job, attempt) -> {
                  runs.add(new CompletableFuture<>());
                  return runs.get(runs.size() - 1);
                }))) {
      clients.assign(0);
      life.turn(true);
      assertEquals(3, runs.size());
      clients.send(0, 1, job().toByteArray()); // another one than before
      clients.consumer.seek(clients.partition(0), 1);
      life.turn(true);
      assertEquals(4, runs.size());
      runs.forEach(run -> run.complete(PuzzleResult.getDefaultInstance()));
      life.turn(true);
    }
    assertEquals(2, tally.completed.sum(), "of what is in the log now");
    assertEquals(2, clients.committed.get(clients.partition(0)).offset());
  }

  @Test
  void partitionsOfWhichNothingIsCommitted_areToldOfWithTheirJobs_unlessTheyHaveNone() {
    var said = new ListAppender<ILoggingEvent>();
    said.start();
    var log = (Logger) LoggerFactory.getLogger(Uncommitted.class);
    log.addAppender(said);
    log.setLevel(Level.WARN);
    log.setAdditive(false);
    clients.committed.put(clients.partition(2), new OffsetAndMetadata(1, ""));
    for (int partition : new int[] {0, 0, 0, 2, 2}) {
      clients.send(partition, job());
    }
    try (var life = life(endless)) {
      clients.assign(0, 1, 2);
      life.turn(true);
      clients.assign(1, 2);
      life.turn(true);
    } finally {
      log.detachAppender(said);
      log.setLevel(null);
      log.setAdditive(true);
    }
    assertEquals(1, said.list.size());
    assertEquals(Level.WARN, said.list.get(0).getLevel());
    String text = said.list.get(0).getFormattedMessage();
    assertTrue(text.contains(" 3 ") && text.contains("[hrm.jobs.v1-0]"), text);
    assertTrue(text.contains("hrm-solver") && text.contains("kafka-consumer-groups.sh"), text);
  }
}
