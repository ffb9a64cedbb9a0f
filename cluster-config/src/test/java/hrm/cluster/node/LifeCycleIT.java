package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.chaos.Fleet;
import hrm.cluster.chaos.Fleet.Spec;
import hrm.cluster.jobs.Load;
import hrm.cluster.local.TinyFleet;
import hrm.cluster.settings.Role;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three nodes under load, stopped in good order and started again. {@code -Dhrm.repetitions=20} is
 * the long run.
 */
@Timeout(1800)
@Tag("alone")
class LifeCycleIT {
  private static final Duration BOUND = Duration.ofSeconds(50); // as OPERATIONS.md promises
  private static final Duration GAP = Duration.ofSeconds(5);
  private static final List<String> NODES = List.of("one", "two", "three");

  @RegisterExtension final TinyFleet tiny = new TinyFleet();

  @TempDir Path folder;
  private Fleet fleet;
  private Load load;

  @BeforeEach
  void start() throws Exception {
    fleet =
        tiny.of(
            folder.resolve("fleet"),
            NODES.stream().map(name -> new Spec(name, Set.of(Role.values()), List.of())).toList());
    fleet.startAll();
    load = tiny.load(8);
  }

  /** While jobs stream; the seconds that it took. */
  private double stop(String node) {
    long begun = System.nanoTime();
    CompletableFuture<Integer> code =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return fleet.stop(node, BOUND);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    load.until(code::isDone);
    assertEquals(0, code.join(), node + " said last: " + fleet.lastWords(node));
    return (System.nanoTime() - begun) / 1e9;
  }

  private void restart(String node) throws Exception {
    fleet.start(node);
    load.until(() -> fleet.isReady(node) || !fleet.isAlive(node));
    assertTrue(fleet.isReady(node), fleet.lastWords(node));
  }

  @Test
  void sigterm_underLoad_endsWithinItsBound_andNothingIsLostOrDoubled() throws Exception {
    Random random = new Random(7);
    List<String> took = new ArrayList<>();
    for (int i = 0; i < Integer.getInteger("hrm.repetitions", 1); i++) {
      load.untilAnswered(100);
      String node = NODES.get(random.nextInt(NODES.size()));
      took.add("%.1f".formatted(stop(node)));
      restart(node);
    }
    load.assertExactlyOnce();
    System.err.printf(
        "SIGTERM: %d of %d exits with 0, seconds %s; %d jobs%n",
        took.size(), took.size(), took, load.delivery.jobs());
  }

  @Test
  void rollingRestart_underLoad_answersNeverCeaseForFiveSeconds() throws Exception {
    load.untilAnswered(100);
    load.resetGap();
    for (String node : NODES) {
      stop(node);
      restart(node);
      load.untilAnswered(60);
    }
    Duration gap = load.longestGap();
    load.assertExactlyOnce();
    System.err.printf(
        "rolling restart: longest time without an answer %d ms; %d jobs%n",
        gap.toMillis(), load.delivery.jobs());
    assertTrue(gap.compareTo(GAP) < 0, "no answer for " + gap);
  }
}
