package hrm.cluster.trace.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.bench.BenchDistanceCommand;
import hrm.cluster.cli.Eventually;
import hrm.cluster.cli.Home;
import hrm.cluster.jobs.Puzzles;
import hrm.cluster.local.Child;
import hrm.cluster.local.Programs;
import hrm.cluster.node.LocalActors;
import hrm.cluster.settings.Role;
import hrm.model.Backend;
import hrm.model.Backends;
import hrm.model.Model;
import hrm.proto.Message;
import hrm.proto.PuzzleResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a trace says of a cycle whose worker was killed. */
@Timeout(180)
class TraceRetryIT {
  @RegisterExtension final TracedNodes nodes = new TracedNodes();

  @Test
  void killedWorker_showsAsRetries() throws Exception {
    Model model = BenchDistanceCommand.model(true);
    String tick = "20ms";
    Backend backend = Backends.named("simulated", 0, Duration.ofMillis(20));
    try (LocalActors here =
            nodes.node(EnumSet.of(Role.GATEWAY, Role.PLANNER), List.of(), model, backend);
        Child mortal = worker(here, tick)) {
      here.awaitCapacity(4);
      List<CompletableFuture<PuzzleResult>> answers = new ArrayList<>();
      String text = Puzzles.generated("sudoku-9x9", 1).get(0).text();
      for (int i = 0; i < 4; i++) {
        answers.add(
            here.door().solve(TracedNodes.job(model, i, text, 20), 1).toCompletableFuture());
      }
      Eventually.holds(() -> nodes.received("Thought") > 4, () -> "the first worker answers");
      mortal.close(); // SIGKILL
      long told = nodes.received("Thought");
      try (LocalActors other =
          nodes.node(EnumSet.of(Role.WORKER), List.of(here.address()), model, backend)) {
        for (CompletableFuture<PuzzleResult> answer : answers) {
          assertEquals(20, answer.get(90, TimeUnit.SECONDS).getSegments());
        }
        assertTrue(nodes.received("Thought") > told);
        List<Message> retries =
            nodes
                .messages("Think", Message.Step.SENT)
                .filter(think -> think.getRetry() > 0)
                .toList();
        assertTrue(retries.size() > 0, "the cycle at the killed worker was to be sent again");
        assertTrue(
            retries.stream().anyMatch(think -> think.getReceiver().contains(other.address())));
        long answered =
            nodes.messages("Thought", Message.Step.RECEIVED).filter(t -> !t.getLate()).count();
        assertEquals(4 * 20 * model.config().hCycles(), answered);
        assertTrue(nodes.sent("Think") > answered);
      }
    }
  }

  private static Child worker(LocalActors planner, String tick) throws Exception {
    Child child =
        Child.start(
            "worker",
            new Programs(Home.get(), false)
                .main(
                    List.of(),
                    List.of("hrm.model.backend=simulated", "hrm.model.simulated-tick=" + tick),
                    List.of("bench", "distance-worker", "--seed", planner.address())));
    child.awaitReady(Duration.ofSeconds(120));
    return child;
  }
}
