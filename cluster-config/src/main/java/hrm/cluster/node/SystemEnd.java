package hrm.cluster.node;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When an actor system has ended, or has had its time to. Akka may wait for ever for a TLS
 * connection whose handshake failed (akka-core #29162); a node that could not join would then stay
 * as a process that does nothing, and no supervisor would start it again.
 */
final class SystemEnd {
  private static final Logger log = LoggerFactory.getLogger(SystemEnd.class);

  private SystemEnd() {}

  /**
   * To be asked for before the system is told to end.
   *
   * @return completes when the system has ended, or when phase {@code actor-system-terminate} of
   *     its coordinated shutdown has lasted as long as it may
   */
  static CompletionStage<Done> of(ActorSystem<?> system) {
    CompletableFuture<Done> end = system.getWhenTerminated().toCompletableFuture().copy();
    CoordinatedShutdown shutdown = CoordinatedShutdown.get(system);
    String phase = CoordinatedShutdown.PhaseActorSystemTerminate();
    Duration patience = Duration.ofNanos(shutdown.timeout(phase).toNanos());
    shutdown.addTask(
        phase,
        "end-of-patience",
        () -> {
          CompletableFuture.delayedExecutor(patience.toMillis(), TimeUnit.MILLISECONDS)
              .execute(() -> giveUp(end, patience));
          return CompletableFuture.completedFuture(Done.done());
        });
    return end;
  }

  private static void giveUp(CompletableFuture<Done> end, Duration patience) {
    if (end.complete(Done.done())) {
      log.warn("stopping: Akka has not ended in {} s; going without it", patience.toSeconds());
    }
  }
}
