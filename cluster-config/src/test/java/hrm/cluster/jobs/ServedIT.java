package hrm.cluster.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import hrm.cluster.Main;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Eventually;
import hrm.cluster.cli.Home;
import hrm.cluster.cli.Printed;
import hrm.cluster.local.Child;
import hrm.cluster.local.Ports;
import hrm.cluster.local.Programs;
import hrm.gateway.GatewaySettings;
import hrm.gateway.TopicCheck;
import hrm.gateway.Topics;
import hrm.model.HaltingPolicy;
import hrm.model.Model;
import hrm.model.cpu.Nd4jBackend;
import hrm.model.data.Dataset;
import hrm.model.data.Datasets;
import hrm.model.learn.EvaluationReport;
import hrm.model.learn.Evaluator;
import hrm.model.learn.Outcome;
import hrm.model.puzzle.PuzzleKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What learns is what serves: every bundled model answers its puzzles through Kafka and the actors
 * as {@code hrm eval} does, job by job, one node serving them all at once.
 */
class ServedIT {
  private static final Duration START = Duration.ofSeconds(120);
  private static final int PUZZLES = 40;

  @TempDir static Path folder;
  private static Home home;
  private static String bootstrap;
  private static Child broker;
  private static Child node;

  @BeforeAll
  static void start() throws Exception {
    System.setProperty("hrm.home", Path.of("..").toAbsolutePath().normalize().toString());
    home = Home.get();
    int port = Ports.pair();
    bootstrap = "127.0.0.1:" + port;
    Programs programs = new Programs(home, false);
    broker = Child.start("broker", programs.broker(folder.resolve("data"), port));
    broker.awaitReady(START);
    node = Child.start("node", programs.node(List.of("hrm.kafka.bootstrap=" + bootstrap)));
    node.awaitReady(START);
  }

  @AfterAll
  static void stop() {
    System.clearProperty("hrm.home");
    node.close();
    broker.close();
  }

  @Test
  void everyBundledModel_answersThroughKafkaAsItDoesInEval() throws Exception {
    List<Path> models = home.modelFolders();
    assertFalse(models.isEmpty());
    for (Path path : models) {
      Model model = Model.load(path);
      Path file = puzzles(model.puzzle().orElseThrow());
      for (HaltingPolicy policy : HaltingPolicy.values()) {
        same(model, file, policy);
      }
    }
  }

  /** A part of the 9×9 test file; for other kinds puzzles from their generators. */
  private static Path puzzles(PuzzleKind kind) {
    if (kind.name().equals("sudoku-9x9")) {
      return Path.of("src/test/resources/sudoku-9x9-easy-40.csv");
    }
    Path file = folder.resolve(kind.name() + ".csv");
    int code =
        Main.run(
            "dataset", "generate", kind.name(), "--count=" + PUZZLES, "--seed=77", "--out=" + file);
    assertEquals(0, code);
    return file;
  }

  @Test
  @Timeout(120)
  void trace_withoutItsTopic_saysSoAtOnce() throws Exception {
    Path config = Files.writeString(folder.resolve("t.conf"), "hrm.gateway.topics.trace = absent");
    String said =
        Printed.onStderr()
            .during(
                () ->
                    assertEquals(
                        CommandException.FAILED,
                        Main.run("trace", "--config=" + config, "--bootstrap=" + bootstrap)));
    assertTrue(said.contains("There is no topic absent at " + bootstrap), said);
  }

  @Test
  @Timeout(120)
  void puzzleSentWithTrace_isTraced_andItsAnswerFoundByItsId() throws Exception {
    Path file = Files.writeString(folder.resolve("one.txt"), "1...34....434..1\n");
    String to = "--bootstrap=" + bootstrap;
    String id =
        Printed.onStdout()
            .during(
                () ->
                    assertEquals(
                        0, Main.run("submit", file.toString(), "--trace", "--deadline=1h", to)))
            .strip();
    String answer =
        Printed.onStdout()
            .during(() -> assertEquals(0, Main.run("results", id, "--follow", "--json", to)));
    assertEquals(id, JsonParser.parseString(answer).getAsJsonObject().get("job_id").getAsString());
    String trace =
        Printed.onStdout().during(() -> assertEquals(0, Main.run("trace", id, "--follow", to)));
    assertTrue(trace.startsWith(id + " "), trace);
    assertEquals(CommandException.FAILED, Main.run("results", "no-such-job", "--dead-letters", to));
  }

  @Test
  void results_withoutTopics_andOfEmptyOnes_saysSo() throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("empty.conf"),
            "hrm.gateway.topics { results = empty, dead-letters = dlq.empty }");
    assertEquals(
        "hrm results: There is no topic dlq.empty, empty at %s: start a node (hrm node), which creates it, or create it as docker/OPERATIONS.md says.%n"
            .formatted(bootstrap),
        results(config, CommandException.FAILED));
    ConfigOptions options = new ConfigOptions();
    options.file = config;
    options.bootstrap = bootstrap;
    GatewaySettings settings = GatewaySettings.from(options.load());
    Topics.ensure(settings);
    Eventually.holds(
        () -> TopicCheck.of(settings).missing().isEmpty(),
        () -> "no broker hears of its new topics");
    String said = results(config, 0);
    assertTrue(said.contains("no results on empty or dlq.empty at " + bootstrap), said);
  }

  private static String results(Path config, int code) {
    return Printed.onStderr()
        .during(
            () ->
                assertEquals(
                    code, Main.run("results", "--config=" + config, "--bootstrap=" + bootstrap)));
  }

  private static void same(Model model, Path file, HaltingPolicy policy) throws Exception {
    Dataset data = Datasets.open(file);
    Outcome[] expected = new Outcome[data.size()];
    EvaluationReport report =
        new Evaluator(model, data, new Evaluator.Options(policy, model.config().haltMaxSteps(), 32))
            .run(new Nd4jBackend(2), outcome -> expected[outcome.index()] = outcome);
    List<JsonObject> lines = submit(file, model.name(), policy);
    assertEquals(expected.length + 1, lines.size());
    for (JsonObject line : lines.subList(0, expected.length)) {
      String id = line.get("job_id").getAsString();
      int index = Integer.parseInt(id.substring(id.lastIndexOf('-') + 1)) - 1;
      String job = "%s, %s, puzzle %d".formatted(model.name(), policy, index);
      assertEquals(model.sha256(), line.get("model_sha256").getAsString(), job);
      assertEquals(
          model.puzzle().orElseThrow().text(expected[index].answer()),
          line.get("text").getAsString(),
          job);
      assertEquals(expected[index].segments(), line.get("segments").getAsInt(), job);
      assertEquals(expected[index].qHalt(), line.get("q_halt").getAsFloat(), job);
      assertEquals(expected[index].solved(), line.get("solved").getAsBoolean(), job);
    }
    JsonObject sum = lines.get(expected.length);
    assertEquals(0, sum.get("duplicates").getAsInt());
    assertEquals(
        report.solvedByRules().orElseThrow(), sum.get("solved").getAsDouble() / data.size(), 1e-12);
  }

  private static List<JsonObject> submit(Path file, String model, HaltingPolicy policy) {
    String[] args = {
      "submit",
      file.toString(),
      "--wait",
      "--json",
      "--model=" + model,
      "--halting=" + policy.name(),
      "--bootstrap=" + bootstrap
    };
    return Printed.onStdout()
        .during(() -> assertEquals(0, Main.run(args)))
        .lines()
        .map(line -> JsonParser.parseString(line).getAsJsonObject())
        .toList();
  }
}
