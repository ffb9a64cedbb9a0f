package hrm.cluster.node;

import akka.actor.CoordinatedShutdown;
import akka.actor.typed.ActorSystem;
import akka.cluster.Cluster;
import akka.cluster.Member;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a node that is in a cluster of its own beside the one of its seeds. The first seed forms a
 * cluster when no other answers; started anew while it is cut off, it would stay alone for ever
 * (Akka, "Joining to Seed Nodes"). Its supervisor starts it again, and then it finds the others.
 */
final class SeedWatch {
  private static final Logger log = LoggerFactory.getLogger(SeedWatch.class);
  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final Duration ANSWER = Duration.ofSeconds(3);
  private static final int LOOKS = 3; // a node that starts answers before it has joined

  private final ActorSystem<?> system;
  private final List<String> seeds;
  private volatile int apart; // looks in a row

  private SeedWatch(ActorSystem<?> system, List<String> seeds) {
    this.system = system;
    this.seeds = seeds;
  }

  /**
   * @param seeds {@code HOST:PORT} of all of the cluster's
   */
  static void start(ActorSystem<?> system, List<String> seeds) {
    if (seeds.size() > 1) {
      SeedWatch watch = new SeedWatch(system, seeds);
      system
          .scheduler()
          .scheduleWithFixedDelay(INTERVAL, INTERVAL, watch::look, system.executionContext());
    }
  }

  private void look() {
    Set<String> present = new HashSet<>();
    for (Member member : Cluster.get(system).state().getMembers()) {
      present.add(member.address().hostPort().replaceFirst(".*@", ""));
    }
    List<String> missing = seeds.stream().filter(seed -> !present.contains(seed)).toList();
    if (!yields(seeds, missing)) {
      apart = 0;
      return;
    }
    CompletableFuture<Boolean> any = CompletableFuture.completedFuture(false);
    for (String seed : missing) {
      any = any.thenCombine(answers(seed), Boolean::logicalOr);
    }
    any.thenAccept(this::count);
  }

  /**
   * Whether a cluster that lacks these seeds is the smaller of two: it has fewer than half of them,
   * or half without the first in order.
   */
  static boolean yields(List<String> seeds, List<String> missing) {
    int present = seeds.size() - missing.size();
    return present < missing.size()
        || present == missing.size()
            && missing.contains(seeds.stream().sorted().findFirst().orElseThrow());
  }

  /** An open port is not enough: it has to speak as a node of ours, with our certificates. */
  private CompletableFuture<Boolean> answers(String seed) {
    CompletionStage<?> daemon =
        system
            .classicSystem()
            .actorSelection(
                "akka://%s@%s/system/cluster/core/daemon".formatted(system.name(), seed))
            .resolveOne(ANSWER);
    return daemon.handle((found, failed) -> failed == null).toCompletableFuture();
  }

  private void count(boolean answered) {
    apart = answered ? apart + 1 : 0;
    if (apart == LOOKS) {
      log.error(
          "seeds that are no members of this node's cluster answer: there are two clusters; this one is the smaller and ends, to join the other when it is started again");
      CoordinatedShutdown.get(system).runAll(new Apart());
    }
  }

  /** Why this node ends: there is another cluster of its seeds. */
  private record Apart() implements CoordinatedShutdown.Reason {}
}
