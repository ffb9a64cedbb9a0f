package hrm.cluster.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import hrm.cluster.Main;
import hrm.cluster.cli.Home;
import hrm.cluster.cli.Printed;
import hrm.cluster.jobs.Answers;
import hrm.cluster.jobs.Delivery;
import hrm.cluster.jobs.Progress;
import hrm.cluster.jobs.Puzzle;
import hrm.cluster.jobs.Puzzles;
import hrm.cluster.jobs.SubmitCommand;
import hrm.gateway.ResultReader;
import hrm.model.HrmConfig;
import hrm.model.Model;
import hrm.model.Weights;
import hrm.model.puzzle.PuzzleKind;
import hrm.proto.HaltingPolicy;
import hrm.proto.JobOptions;
import hrm.proto.PuzzleJob;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker and nodes in processes of their own, seen and steered by the commands. */
@Tag("alone")
class ClusterIT {
  private static final String ARCH =
      """
      {"seq_len": 16, "vocab_size": 6, "puzzle_emb_ndim": 0, "hidden_size": 32, "num_heads": 4,
       "H_layers": 1, "L_layers": 1, "halt_max_steps": 4, "mlp_t": true, "pos_encodings": "none",
       "puzzle": "sudoku-4x4"}
      """;
  private static final int BATCH = 40;

  private final Progress progress = new Progress(System.err, false);

  @TempDir Path folder;

  private LocalCluster cluster;
  private Delivery delivery;
  private Answers answers;
  private Iterator<Puzzle> puzzles;

  @BeforeEach
  void home() {
    System.setProperty("hrm.home", Path.of("..").toAbsolutePath().normalize().toString());
  }

  @AfterEach
  void stop() {
    System.clearProperty("hrm.home");
    if (cluster != null) {
      cluster.close();
    }
  }

  private void start(List<String> roles) throws Exception {
    Path model = folder.resolve("untrained");
    Model.save(model, Weights.random(HrmConfig.parse(ARCH), 7), Map.of());
    cluster = new LocalCluster(Home.get(), roles, model.toString(), Ports.pair(), null);
    cluster.awaitReady();
    delivery = new Delivery(Delivery.newRun("cluster-it"));
    PuzzleKind kind = Puzzles.set("sudoku-4x4");
    puzzles = Puzzles.generated(kind, 20_000).iterator();
  }

  /** Keeps jobs coming until something holds. */
  private void streamUntil(BooleanSupplier holds) {
    while (!holds.getAsBoolean()) {
      if (delivery.jobs() - delivery.results() < 2 * BATCH) {
        List<PuzzleJob> jobs = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
          jobs.add(
              delivery
                  .job(puzzles.next())
                  .setOptions(JobOptions.newBuilder().setHalting(HaltingPolicy.MAX_STEPS))
                  .build());
        }
        SubmitCommand.send(cluster.settings(), jobs);
      }
      answers.poll();
      cluster.check();
    }
  }

  private String run(String... args) {
    return Printed.onStdout().during(() -> assertEquals(0, Main.run(args)));
  }

  /** Once every member has answered: under load one may take longer than the command waits. */
  private JsonObject status(LocalCluster.Member from) {
    JsonObject[] status = new JsonObject[1];
    streamUntil(
        () -> {
          String json = run("status", "--json", "--node", http(from));
          status[0] = JsonParser.parseString(json).getAsJsonObject();
          return status[0].getAsJsonObject("totals").get("answering").getAsInt()
              == status[0].getAsJsonArray("members").size();
        });
    return status[0];
  }

  private boolean answered(LocalCluster.Member member, int more) {
    return answers.byNode().getOrDefault("akka://hrm@" + member.address(), 0) >= more;
  }

  private void everyJobCameBackOnce() throws Exception {
    answers.follow(cluster::check);
    cluster.stopNodes();
    answers.late();
    assertEquals(0, delivery.duplicates());
    assertEquals(0, delivery.deadLettered());
    assertTrue(delivery.exactlyOnce());
  }

  @Test
  void whileJobsStream_oneNodeIsDrainedAndOneComes_andNothingIsLostOrDoubled() throws Exception {
    start(List.of("all", "all", "gateway,planner,worker"));
    LocalCluster.Member first = cluster.members().get(0);
    LocalCluster.Member leaver = cluster.members().get(1);
    try (ResultReader reader = ResultReader.fromEnd(cluster.settings())) {
      answers = new Answers(delivery, reader, progress);
      streamUntil(() -> cluster.members().stream().allMatch(member -> answered(member, 1)));
      assertEquals(3, status(first).getAsJsonObject("totals").get("answering").getAsInt());

      CompletableFuture<Integer> drained =
          CompletableFuture.supplyAsync(
              () -> Main.run("drain", leaver.name(), "--node", http(first)));
      streamUntil(drained::isDone);
      assertEquals(0, drained.join());
      streamUntil(() -> leaver.child().exitCode().isPresent());
      assertEquals(OptionalInt.of(0), leaver.child().exitCode());
      assertEquals(2, status(first).getAsJsonArray("members").size());

      LocalCluster.Member comer = cluster.add("node-4", "all");
      streamUntil(() -> answered(comer, BATCH));
      assertEquals(3, status(comer).getAsJsonArray("members").size());
      everyJobCameBackOnce();
    }
  }

  private static String http(LocalCluster.Member member) {
    try {
      return member.ready("http");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void splitRoles_areSeenByEveryNode_andAWorkerMayLeave() throws Exception {
    start(List.of("gateway,planner", "worker", "worker"));
    LocalCluster.Member planner = cluster.members().get(0);
    LocalCluster.Member worker = cluster.members().get(1);
    try (ResultReader reader = ResultReader.fromEnd(cluster.settings())) {
      answers = new Answers(delivery, reader, progress);
      streamUntil(() -> answered(planner, BATCH));
      JsonObject status = status(cluster.members().get(2));
      TreeSet<String> roles = new TreeSet<>();
      for (JsonElement member : status.getAsJsonArray("members")) {
        JsonObject report = member.getAsJsonObject().getAsJsonObject("report");
        List<String> its = new ArrayList<>();
        report.getAsJsonArray("roles").forEach(role -> its.add(role.getAsString()));
        roles.add(report.get("name").getAsString() + " " + String.join(",", its));
        assertEquals(its.contains("planner"), !report.getAsJsonArray("planners").isEmpty());
        assertEquals(its.contains("worker"), !report.getAsJsonArray("workers").isEmpty());
        assertEquals(its.contains("gateway"), !report.get("gateway").isJsonNull());
      }
      assertEquals(
          new TreeSet<>(List.of("node-1 gateway,planner", "node-2 worker", "node-3 worker")),
          roles);
      CompletableFuture<Integer> drained =
          CompletableFuture.supplyAsync(
              () -> Main.run("drain", worker.name(), "--node", http(planner)));
      streamUntil(drained::isDone);
      assertEquals(0, drained.join());
      streamUntil(() -> worker.child().exitCode().isPresent());
      assertEquals(OptionalInt.of(0), worker.child().exitCode());
      everyJobCameBackOnce();
    }
  }
}
