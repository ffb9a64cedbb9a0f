package hrm.cluster.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.chaos.Fleet.Spec;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.jobs.Delivery;
import hrm.cluster.jobs.Puzzles;
import hrm.cluster.jobs.SubmitCommand;
import hrm.cluster.local.TinyFleet;
import hrm.cluster.operate.NodeClient;
import hrm.cluster.settings.Role;
import hrm.gateway.GatewaySettings;
import hrm.gateway.Outcome;
import hrm.gateway.ResultReader;
import hrm.gateway.Topics;
import hrm.model.Model;
import hrm.model.Weights;
import hrm.proto.PuzzleResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Losses that are more than one node's, and nodes that do not agree: each has a stated outcome. */
@Timeout(300)
@Tag("alone")
class FleetIT {
  private static final Set<Role> ALL = Set.of(Role.values());
  private static final Set<Role> GATEWAY = Set.of(Role.GATEWAY);
  private static final Set<Role> SOLVER = Set.of(Role.PLANNER, Role.WORKER);
  private static final Duration POLL = Duration.ofMillis(100);

  @RegisterExtension final TinyFleet tiny = new TinyFleet();

  @TempDir Path folder;
  private final List<PuzzleResult> results = new ArrayList<>();
  private Delivery delivery;
  private Fleet fleet;
  private GatewaySettings settings;
  private ResultReader reader;

  @AfterEach
  void close() {
    if (reader != null) {
      reader.close();
    }
  }

  private void start(Spec... specs) throws Exception {
    fleet = tiny.of(folder.resolve("fleet"), List.of(specs));
    fleet.startAll();
    ConfigOptions options = new ConfigOptions();
    options.bootstrap = fleet.bootstrap();
    settings = GatewaySettings.from(options.load());
    Topics.ensure(settings);
    reader = ResultReader.fromEnd(settings);
  }

  private void send(int jobs) {
    delivery = new Delivery(Delivery.newRun("test"));
    SubmitCommand.send(
        settings,
        Puzzles.generated("sudoku-4x4", jobs).stream().map(p -> delivery.job(p).build()).toList());
  }

  private void readUntil(BooleanSupplier done) {
    while (!done.getAsBoolean()) {
      for (Outcome outcome : reader.poll(POLL)) {
        if (outcome instanceof Outcome.Answered answered && delivery.answered(answered.result())) {
          results.add(answered.result());
        }
      }
    }
  }

  /** Every job has one answer, in all that the topics hold. */
  private void assertExactlyOnce() {
    readUntil(delivery::complete);
    Delivery all = delivery.again();
    try (ResultReader again = ResultReader.fromBeginning(settings)) {
      while (!again.caughtUp()) {
        for (Outcome outcome : again.poll(POLL)) {
          if (outcome instanceof Outcome.Answered answered) {
            all.answered(answered.result());
          }
        }
      }
    }
    assertTrue(all.exactlyOnce(), all.results() + " results, " + all.duplicates() + " doubled");
  }

  /** Two nodes, the one with the lower address dies: the other cannot know, and ends itself. */
  @Test
  void twoNodes_lowerOneLost_survivorEnds_andKafkaKeepsTheJobs() throws Exception {
    start(new Spec("one", ALL, List.of()), new Spec("two", ALL, List.of()));
    long killed = System.nanoTime();
    fleet.kill("one");
    readUntilEnded("two");
    long seconds = (System.nanoTime() - killed) / 1_000_000_000;
    assertTrue(seconds < 35, "it took " + seconds + " s to see the loss, decide and end");
    send(40);
    fleet.start("one");
    fleet.start("two");
    assertExactlyOnce();
  }

  private void readUntilEnded(String node) {
    delivery = new Delivery(Delivery.newRun("none"));
    readUntil(() -> !fleet.isAlive(node));
  }

  @Test
  @Tag("slow")
  void allGatewaysLost_othersServeOn_whenTheyAreBack() throws Exception {
    start(
        new Spec("gateway-1", GATEWAY, List.of()),
        new Spec("gateway-2", GATEWAY, List.of()),
        new Spec("solver-1", SOLVER, List.of()),
        new Spec("solver-2", SOLVER, List.of()),
        new Spec("solver-3", SOLVER, List.of()));
    send(400);
    readUntil(() -> delivery.results() > 20);
    fleet.kill("gateway-1");
    fleet.kill("gateway-2");
    fleet.start("gateway-1");
    fleet.start("gateway-2");
    assertExactlyOnce();
    for (String solver : List.of("solver-1", "solver-2", "solver-3")) {
      assertTrue(fleet.isAlive(solver), solver + " has ended");
    }
  }

  @Test
  @Tag("slow")
  void allPlannersLostForAMinute_jobsWaitInKafka_andNoneIsGivenUp() throws Exception {
    start(
        new Spec("gateway-1", GATEWAY, List.of()),
        new Spec("gateway-2", GATEWAY, List.of()),
        new Spec("gateway-3", GATEWAY, List.of()),
        new Spec("solver-1", SOLVER, List.of()),
        new Spec("solver-2", SOLVER, List.of()));
    send(400);
    readUntil(() -> delivery.results() > 20);
    fleet.kill("solver-1");
    fleet.kill("solver-2");
    long lost = System.nanoTime();
    readUntil(() -> System.nanoTime() - lost > Duration.ofSeconds(60).toNanos());
    assertTrue(delivery.results() < 400);
    fleet.start("solver-1");
    fleet.start("solver-2");
    assertExactlyOnce();
    assertEquals(0, delivery.deadLettered());
    assertTrue(results.stream().allMatch(r -> r.getAttempt() == 1), "no run was lost with Kafka");
  }

  /**
   * A node that is told to end says goodbye: nobody finds it unreachable, nothing is done twice.
   */
  @Test
  void sigterm_underLoad_nodesLeaveInGoodOrder() throws Exception {
    start(
        new Spec("gateway-1", GATEWAY, List.of()),
        new Spec("gateway-2", GATEWAY, List.of()),
        new Spec("solver-1", SOLVER, List.of()),
        new Spec("solver-2", SOLVER, List.of()));
    send(300);
    readUntil(() -> delivery.results() > 20);
    assertEquals(0, fleet.stop("solver-2", Duration.ofSeconds(60)));
    assertEquals(0, fleet.stop("gateway-2", Duration.ofSeconds(60)));
    assertExactlyOnce();
    assertTrue(results.stream().allMatch(r -> r.getAttempt() == 1), "a run was lost");
    for (String node : List.of("gateway-1", "solver-1")) {
      String log = Files.readString(folder.resolve("fleet").resolve(node + ".log"));
      assertFalse(log.contains("UNREACHABLE"), node + " found another one unreachable");
    }
  }

  /**
   * Only deadlines are read off two clocks; waiting and thinking are each node's own differences.
   */
  @Test
  void clocksFiveMinutesApart_changeNothing() throws Exception {
    start(
        new Spec("gateway", GATEWAY, List.of("hrm.node.clock-offset=-150s")),
        new Spec("solver-1", SOLVER, List.of("hrm.node.clock-offset=150s")),
        new Spec("solver-2", SOLVER, List.of()));
    send(100);
    assertExactlyOnce();
    for (PuzzleResult result : results) {
      assertTrue(result.getTimings().getWaiting().getSeconds() < 60, result.toString());
      assertTrue(result.getTimings().getThinking().getSeconds() < 60, result.toString());
    }
  }

  /** Started anew while it is cut off, the first seed is a cluster of its own; not for ever. */
  @Test
  @Tag("slow")
  void firstSeedStartedWhileCutOff_endsWhenOthersAnswer_andJoinsThem() throws Exception {
    start(
        new Spec("one", ALL, List.of()),
        new Spec("two", ALL, List.of()),
        new Spec("three", ALL, List.of()));
    for (String other : List.of("two", "three")) {
      fleet.cut("one", other);
    }
    fleet.kill("one");
    fleet.start("one");
    fleet.awaitReady("one");
    assertEquals(1, members("one"), "it serves alone");
    for (String other : List.of("two", "three")) {
      fleet.heal("one", other);
    }
    readUntilEnded("one");
    fleet.start("one");
    fleet.awaitReady("one");
    assertEquals(3, members("one"), "it has joined the others");
    send(40);
    assertExactlyOnce();
  }

  /** By its own account. */
  private int members(String node) throws IOException {
    String log = Files.readString(folder.resolve("fleet").resolve(node + ".log"));
    Matcher http = Pattern.compile("(?s).* http=(\\S+)").matcher(log); // of its last ready line
    assertTrue(http.lookingAt(), log);
    return new NodeClient(http.group(1), "").cluster().getMembersCount();
  }

  /** A planner with other weights gets no job of a gateway that does not have them. */
  @Test
  void nodeWithAnotherModelVersion_isLeftAlone() throws Exception {
    Model old = Model.load(TinyFleet.model());
    Path other = folder.resolve("other/sudoku-4x4");
    Model.save(other, Weights.random(old.config(), 3), Map.of());
    start(
        new Spec("gateway", GATEWAY, List.of()),
        new Spec("solver", SOLVER, List.of()),
        new Spec("newer", SOLVER, List.of("hrm.model.path=" + other)));
    send(100);
    assertExactlyOnce();
    assertTrue(results.stream().allMatch(r -> r.getModelSha256().equals(old.sha256())));
    assertTrue(
        results.stream().allMatch(r -> r.getNode().contains("@" + fleet.address("solver") + ":")));
    assertTrue(fleet.isAlive("newer"));
  }
}
