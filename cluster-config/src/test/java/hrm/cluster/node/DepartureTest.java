package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertFalse;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.settings.Settings;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DepartureTest {
  private static final Duration LIMIT = Duration.ofMillis(300);

  /** Why a node ends that {@code hrm drain} told to; no signal comes. */
  private record Ordered() implements CoordinatedShutdown.Reason {}

  @Test
  void stepThatHangs_isNotWaitedForBeyondTheLimit_whateverBeganTheEnd() throws Exception {
    ActorSystem<Void> system = TestSystem.create();
    Departure departure =
        new Departure(
            system,
            Settings.from(new ConfigOptions().load()),
            LIMIT,
            () -> {},
            List::of,
            () -> null,
            () -> {});
    CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
    CompletableFuture<Done> stuck = new CompletableFuture<>();
    shutdown.addTask(CoordinatedShutdown.PhaseServiceStop(), "hangs", () -> stuck);
    CompletableFuture<Done> all = shutdown.runAll(new Ordered()).toCompletableFuture();
    departure.late().toCompletableFuture().get(4, TimeUnit.SECONDS); // the step's own limit is 5 s
    departure.run(); // as the process's end does then: no second limit begins
    assertFalse(all.isDone());
    stuck.complete(Done.done());
    all.get(30, TimeUnit.SECONDS);
  }
}
