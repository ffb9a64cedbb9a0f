package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Turns of an intake over clients that touch no network. */
final class IntakeTest {
  private final OfflineClients clients = OfflineClients.with();
  private final CompletableFuture<PuzzleResult> answer = new CompletableFuture<>();
  private final Tally tally = new Tally();

  private Intake intake(Solver solver) {
    return new Intake(clients.settings, clients, solver, "n", tally, new HashMap<>(), false);
  }

  private void assign(String... ids) {
    for (String id : ids) {
      clients.send(0, PuzzleJob.newBuilder().setId(id).setText("1").build());
    }
    clients.assign(0);
  }

  @Test
  void turn_enoughJobsRead_neverWaitsInTheConsumer_andGoesOnWhenARunEnds() {
    try (Intake intake = intake(new PlayedSolver(1, (job, attempt) -> answer))) {
      assign("a", "b", "c");
      intake.turn(true);
      assertEquals(clients.settings.pollInterval(), clients.polls.get(0)); // for records
      clients.polls.clear();
      for (int i = 0; i < 3; i++) {
        intake.turn(true);
      }
      assertTrue(clients.consumer.paused().contains(clients.partition(0)));
      assertEquals(List.of(Duration.ZERO, Duration.ZERO, Duration.ZERO), clients.polls);
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
        new PlayedSolver(
            1,
            (job, attempt) -> {
              attempts.add(attempt);
              return attempts.size() < 4
                  ? CompletableFuture.failedFuture(new SolverBusy("full"))
                  : CompletableFuture.completedFuture(
                      PuzzleResult.newBuilder().setJobId(job.getId()).setAttempt(attempt).build());
            });
    try (Intake intake = intake(fullAtFirst)) {
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
