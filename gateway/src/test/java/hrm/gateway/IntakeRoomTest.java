package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whom an intake runs while others find no room, fail, or are suspected. */
@Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class IntakeRoomTest {
  private final OfflineClients clients =
      OfflineClients.with("hrm.gateway.retry-backoff=0s", "hrm.gateway.poll-interval=1ms");
  private final Tally tally = new Tally();

  private Intake intake(
      int capacity, BiFunction<PuzzleJob, Integer, CompletionStage<PuzzleResult>> run) {
    return new Intake(
        clients.settings,
        clients,
        new PlayedSolver(capacity, run),
        "n",
        tally,
        new HashMap<>(),
        false);
  }

  private static PuzzleJob job(String model, String text) {
    return PuzzleJob.newBuilder().setModel(model).setText(text).build();
  }

  private static CompletionStage<PuzzleResult> answer() {
    return CompletableFuture.completedFuture(PuzzleResult.getDefaultInstance());
  }

  private static CompletionStage<PuzzleResult> refusal() {
    return CompletableFuture.failedFuture(new SolverBusy("full"));
  }

  @Test
  void jobsOfAModelWithoutRoom_areNotInTheWayOfThoseBehindThem() {
    int refused = 2000;
    for (int i = 0; i < refused; i++) {
      clients.send(0, job("full", "1"));
    }
    for (int i = 0; i < 20; i++) {
      clients.send(0, job("idle", "1"));
    }
    var tried = new ArrayList<String>();
    try (var intake =
        intake(
            4,
            (job, attempt) -> {
              tried.add(job.getModel());
              return job.getModel().equals("full") ? refusal() : answer();
            })) {
      clients.assign(0);
      while (tally.completed.sum() < 20) {
        intake.turn(true);
      }
    }
    assertEquals(0, tally.failed.sum());
    assertTrue(tried.size() - 20 < refused, "as if every one were tried in vain: " + tried.size());
  }

  @Test
  void kindThatIsRefused_getsAPlaceForEachThatEnds() {
    var refusals = new Refusals();
    var full = new Entry.Kind("full", 16);
    long now = System.nanoTime();
    refusals.ended(full); // of no importance while there is room
    assertTrue(refusals.mayTry(full, now));
    refusals.refused(full, now);
    assertEquals(false, refusals.mayTry(full, now));
    assertTrue(refusals.mayTry(new Entry.Kind("full", 36), now));
    refusals.ended(full);
    assertTrue(refusals.mayTry(full, now));
    refusals.tried(full, now);
    assertEquals(false, refusals.mayTry(full, now));
    long later = now + TimeUnit.SECONDS.toNanos(1);
    assertTrue(refusals.mayTry(full, later));
    refusals.tried(full, later);
    assertTrue(refusals.mayTry(full, now), "there is no pause any more");
  }

  @Test
  void jobsThatCannotRun_waitUpToSoManyBytes_andAPartitionWithoutAnyIsStillRead() {
    PuzzleJob large = job("full", "1".repeat(400_000));
    for (int i = 0; i < 600; i++) {
      clients.send(0, large);
    }
    try (var intake =
        intake(4, (job, attempt) -> job.getModel().equals("full") ? refusal() : answer())) {
      clients.assign(0, 1);
      for (int i = 0; i < 300; i++) {
        intake.turn(true);
      }
      long poll = OfflineClients.POLL * (2L * large.getSerializedSize() + 5000);
      long bytes = tally.waiting * 2L * large.getSerializedSize();
      assertTrue(bytes > Throttle.MAX_WAITING_BYTES - poll, bytes + " bytes");
      assertTrue(bytes < Throttle.MAX_WAITING_BYTES + poll, bytes + " bytes");
      clients.send(1, job("idle", "1"));
      while (tally.completed.sum() == 0) {
        intake.turn(true);
      }
    }
  }

  @Test
  void runsThatFailAndKillNobody_makeNoSuspects() {
    int jobs = 40;
    for (int i = 0; i < jobs; i++) {
      clients.send(0, job("m", "1"));
    }
    var third = new ArrayList<PuzzleJob>();
    try (var intake =
        intake(
            jobs,
            (job, attempt) -> {
              if (attempt < 3) {
                return CompletableFuture.failedFuture(new IllegalStateException("out of memory"));
              }
              third.add(job);
              return new CompletableFuture<>();
            })) {
      clients.assign(0);
      while (third.size() < jobs) {
        intake.turn(true);
      }
    }
  }

  @Test
  void errorOutOfTheSolver_isAFailedRun_andTakesNoSlot() {
    clients.send(0, job("deep", "1"));
    clients.send(0, job("m", "1"));
    try (var intake =
        intake(
            1,
            (job, attempt) -> {
              if (job.getModel().equals("deep")) {
                throw new StackOverflowError();
              }
              return answer();
            })) {
      clients.assign(0);
      while (tally.deadLettered.sum() == 0 || tally.completed.sum() == 0) {
        intake.turn(true);
      }
    }
    assertEquals(0, tally.running.get());
    assertEquals(clients.settings.maxAttempts(), tally.failed.sum());
  }

  @Test
  void jobsThatMayHaveKilledTwice_runOneAtATime() {
    dispatched(2, job("m", "1"), job("m", "1"), job("m", "1"));
    assertThirdRunsAreAlone(3);
  }

  @Test
  void jobsWhosePlannersDiedTwice_runOneAtATime_thoughThisProcessLives() {
    for (int i = 0; i < 3; i++) {
      clients.send(0, job("m", "1"));
    }
    assertThirdRunsAreAlone(3);
  }

  private void assertThirdRunsAreAlone(int jobs) {
    List<CompletableFuture<PuzzleResult>> third = new ArrayList<>();
    try (var intake =
        intake(
            8,
            (job, attempt) -> {
              if (attempt < 3) {
                return CompletableFuture.failedFuture(new LostRun("6 planners died"));
              }
              third.add(new CompletableFuture<>());
              return third.get(third.size() - 1);
            })) {
      clients.assign(0);
      for (int i = 0; i < jobs; i++) {
        for (int turn = 0; turn < 6; turn++) {
          intake.turn(true);
        }
        assertEquals(i + 1, third.size());
        third.get(i).complete(PuzzleResult.getDefaultInstance());
      }
    }
  }

  @Test
  void jobWhosePlannersDieEachTime_isADeadLetterOfTooManyAttempts() {
    clients.send(0, job("m", "1"));
    try (var intake =
        intake(
            1, (job, attempt) -> CompletableFuture.failedFuture(new LostRun("6 planners died")))) {
      clients.assign(0);
      while (tally.deadLettered.sum() == 0) {
        intake.turn(true);
      }
    }
    var letter = clients.producer.history().get(0);
    assertEquals("TOO_MANY_ATTEMPTS", Headers.text(letter.headers(), "hrm-error-class"));
    String why = Headers.text(letter.headers(), "__dlq.errors.message");
    assertTrue(why.contains("6 planners died"), why);
  }

  /** Jobs that were in flight when a node died, as often as this. */
  private void dispatched(int times, PuzzleJob... jobs) {
    var ledger = new OffsetLedger(0, null);
    for (int i = 0; i < jobs.length; i++) {
      clients.send(0, jobs[i]);
      ledger.see(i);
      for (int j = 0; j < times; j++) {
        ledger.dispatch(i);
      }
    }
    clients.committed.put(clients.partition(0), new OffsetAndMetadata(0, ledger.metadata()));
  }

  @Test
  void suspectThatDoesNotEnd_isNotInTheWayOfOneOfAnotherKind() {
    dispatched(2, job("no planners", "1"), job("m", "1"));
    try (var intake =
        intake(
            8,
            (job, attempt) -> job.getModel().equals("m") ? answer() : new CompletableFuture<>())) {
      clients.assign(0);
      while (tally.completed.sum() == 0) {
        intake.turn(true);
      }
    }
  }

  @Test
  void suspectsInTheirLastRun_areAlone_whateverTheirKind() {
    dispatched(4, job("kills", "1"), job("m", "1"));
    var runs = new ArrayList<String>();
    var first = new CompletableFuture<PuzzleResult>();
    try (var intake =
        intake(
            8,
            (job, attempt) -> {
              runs.add(job.getModel());
              return runs.size() == 1 ? first : answer();
            })) {
      clients.assign(0);
      for (int i = 0; i < 3; i++) {
        intake.turn(true);
      }
      assertEquals(List.of("kills"), runs);
      first.complete(PuzzleResult.getDefaultInstance());
      while (tally.completed.sum() < 2) {
        intake.turn(true);
      }
    }
  }
}
