package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.Done;
import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.actor.typed.Behavior;
import akka.actor.typed.PostStop;
import akka.actor.typed.javadsl.Behaviors;
import com.typesafe.config.ConfigFactory;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SystemEndTest {
  private static ActorSystem<Void> system(Behavior<Void> guardian) {
    Map<String, String> settings =
        Map.of(
            "akka.actor.provider", "local",
            "akka.coordinated-shutdown.phases.actor-system-terminate.timeout", "1s");
    return ActorSystem.create(
        guardian, "end", ConfigFactory.parseMap(settings).withFallback(ConfigFactory.load()));
  }

  private static CompletableFuture<Done> whenTerminated(ActorSystem<?> system) {
    return system.getWhenTerminated().toCompletableFuture();
  }

  @Test
  void systemThatEnds_isWaitedFor() throws Exception {
    ActorSystem<Void> system = system(Behaviors.empty());
    CompletableFuture<Done> end = SystemEnd.of(system).toCompletableFuture();
    assertFalse(end.isDone());
    system.terminate();
    end.get(30, TimeUnit.SECONDS);
    assertTrue(whenTerminated(system).isDone());
  }

  @Test
  void systemThatHangs_isLeftBehind() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    Behavior<Void> hangs =
        Behaviors.receive(Void.class)
            .onSignal(
                PostStop.class,
                stop -> {
                  held.await();
                  return Behaviors.same();
                })
            .build();
    ActorSystem<Void> system = system(hangs);
    CompletableFuture<Done> end = SystemEnd.of(system).toCompletableFuture();
    CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.unknownReason());
    end.get(30, TimeUnit.SECONDS);
    assertFalse(whenTerminated(system).isDone());
    held.countDown();
    whenTerminated(system).get(30, TimeUnit.SECONDS);
  }
}
