package hrm.cluster.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.typesafe.config.ConfigFactory;
import hrm.cluster.Main;
import hrm.cluster.cli.Printed;
import hrm.cluster.jobs.Puzzle;
import hrm.cluster.jobs.Puzzles;
import hrm.model.HrmConfig;
import hrm.model.Model;
import hrm.model.Weights;
import hrm.model.io.Sha256;
import hrm.model.learn.TrainSettings;
import hrm.model.learn.TrainingLog;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.Sudoku;
import hrm.model.puzzle.SudokuGenerator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code hrm eval} and {@code hrm report} with an untrained model on nine-by-nine Sudoku. */
class EvalTest {
  private static final int PUZZLES = 5;

  @RegisterExtension final Printed out = Printed.onStdout();
  @RegisterExtension final Printed err = Printed.onStderr();

  @TempDir Path folder;
  private Path model;
  private Path puzzles;

  @BeforeEach
  void prepare() throws IOException {
    System.setProperty("hrm.home", folder.toString());
    model = save("nine", 81, 11);
    StringBuilder csv = new StringBuilder("source,question,answer,rating\n");
    SudokuGenerator generator = new SudokuGenerator(Sudoku.SIZE_9, 4);
    for (int i = 0; i < PUZZLES; i++) {
      Example example = generator.next();
      csv.append("me,%s,%s,0\n".formatted(text(example.inputs()), text(example.labels())));
    }
    puzzles = Files.writeString(folder.resolve("puzzles.csv"), csv);
  }

  @AfterEach
  void restore() {
    System.clearProperty("hrm.home");
  }

  private Path save(String name, int seqLen, int vocab) throws IOException {
    HrmConfig config =
        HrmConfig.parse(
            """
            {"seq_len": %d, "vocab_size": %d, "puzzle_emb_ndim": 0, "hidden_size": 32,
             "num_heads": 4, "H_layers": 1, "L_layers": 1, "halt_max_steps": 3}
            """
                .formatted(seqLen, vocab));
    Path saved = folder.resolve("models").resolve(name);
    Model.save(saved, Weights.random(config, 7), Map.of());
    return saved;
  }

  private static String text(int[] tokens) {
    return Sudoku.SIZE_9.text(tokens);
  }

  private String said() {
    return err.text();
  }

  private JsonObject eval(String... more) {
    out.clear();
    assertEquals(0, Main.run(args(more)), said());
    return out.json();
  }

  private String[] args(String... more) {
    return java.util.stream.Stream.concat(
            java.util.stream.Stream.of("eval", "--json", "--data", puzzles.toString()),
            java.util.stream.Stream.of(more))
        .toArray(String[]::new);
  }

  private void refuses(String sentence, String... args) {
    assertEquals(2, Main.run(args), said());
    assertTrue(said().contains(sentence), said());
    assertFalse(said().contains("\tat "), said());
    assertEquals("", out.text());
  }

  @Test
  void json_ofAnEvaluation_hasEveryKey() throws IOException {
    JsonObject json = eval("--weights", model.toString());
    assertEquals(
        Set.of(
            "model",
            "model_sha256",
            "parameters",
            "data",
            "puzzle_kind",
            "puzzles",
            "examples",
            "policy",
            "segments",
            "exact_accuracy",
            "cell_accuracy",
            "solved_by_rules",
            "halting_accuracy",
            "mean_segments",
            "seconds",
            "puzzles_per_second",
            "by_segment",
            "q_head",
            "failed",
            "failures"),
        json.keySet());
    assertEquals("nine", json.get("model").getAsString());
    assertEquals(
        Sha256.of(model.resolve(Model.WEIGHTS_FILE)), json.get("model_sha256").getAsString());
    assertEquals("sudoku-9x9", json.get("puzzle_kind").getAsString()); // told by the labels
    assertEquals(PUZZLES, json.get("puzzles").getAsInt());
    assertEquals("max-steps", json.get("policy").getAsString());
    assertEquals(3, json.get("mean_segments").getAsDouble());
    JsonObject last = json.getAsJsonArray("by_segment").get(2).getAsJsonObject();
    assertEquals(3, last.get("segment").getAsInt());
    assertEquals(1, last.get("halted").getAsDouble());
    assertEquals(json.get("cell_accuracy"), last.get("cell_accuracy"));
    JsonObject failure = json.getAsJsonArray("failures").get(4).getAsJsonObject();
    assertEquals(4, failure.get("index").getAsInt());
    assertEquals(81, failure.get("expected").getAsString().length());
  }

  @Test
  void weights_asFileOrBundledName_areTheSameModel() throws IOException {
    JsonObject byFolder = eval("--weights", model.toString());
    JsonObject byFile = eval("--weights", model.resolve(Model.WEIGHTS_FILE).toString());
    JsonObject byName = eval("--weights", "nine");
    assertEquals(byFolder.get("model_sha256"), byFile.get("model_sha256"));
    assertEquals(byFolder.get("model_sha256"), byName.get("model_sha256"));
    assertEquals("nine", byFile.get("model").getAsString());
    Path config = folder.resolve("elsewhere.json");
    Files.move(model.resolve(Model.CONFIG_FILE), config);
    JsonObject byConfig = eval("--weights", model.toString(), "--config", config.toString());
    assertEquals(byFolder.get("cell_accuracy"), byConfig.get("cell_accuracy"));
  }

  @Test
  void limitAndSegments_areKept() {
    JsonObject json =
        eval("--weights", "nine", "--limit", "2", "--segments", "1", "--policy", "q-head");
    assertEquals(2, json.get("puzzles").getAsInt());
    assertEquals(1, json.getAsJsonArray("by_segment").size());
    assertEquals("q-head", json.get("policy").getAsString());
    JsonObject same =
        eval("--weights", "nine", "--limit", "2", "--segments", "1", "--halting", "Q_HEAD");
    assertEquals("q-head", same.get("policy").getAsString());
  }

  @Test
  void folderOfSplits_isJudgedByEveryExampleOfTest() {
    Path splits = folder.resolve("splits");
    for (String[] split : new String[][] {{"train", "0"}, {"test", "1"}}) {
      assertEquals(
          0,
          Main.run(
              "dataset",
              "convert",
              puzzles.toString(),
              "--out=" + splits,
              "--split=" + split[0],
              "--augment=" + split[1]),
          said());
    }
    puzzles = splits;
    JsonObject json = eval("--weights", "nine", "--limit", "2");
    assertEquals(splits.resolve("test").toString(), json.get("data").getAsString());
    assertEquals(2, json.get("puzzles").getAsInt());
    assertEquals(4, json.get("examples").getAsInt());
    assertEquals(4, json.get("failed").getAsInt());
    assertTrue(said().contains("reading " + splits.resolve("test")), said());
    out.clear();
    Main.run("eval", "--weights", "nine", "--limit", "2", "--data", splits.toString());
    assertTrue(out.text().contains("test: 2 puzzles, 4 examples, max-steps"), out.text());
  }

  @Test
  void failures_asCsv_areAFileOfPuzzles() throws IOException {
    Path failures = folder.resolve("failures.csv");
    JsonObject before = eval("--weights", "nine", "--failures", failures.toString());
    assertEquals(PUZZLES, before.get("failed").getAsInt());
    List<Puzzle> read = Puzzles.from(failures.toString());
    assertEquals(
        Puzzles.from(puzzles.toString()).stream().map(Puzzle::text).toList(),
        read.stream().map(Puzzle::text).toList());
    Path same = puzzles;
    puzzles = failures;
    assertEquals(before.get("cell_accuracy"), eval("--weights", "nine").get("cell_accuracy"));
    puzzles = same;
  }

  @Test
  void failures_asJson_areOneALine() throws IOException {
    Path failures = folder.resolve("failures.jsonl");
    eval("--weights", "nine", "--failures", failures.toString());
    List<String> lines = Files.readAllLines(failures);
    assertEquals(PUZZLES, lines.size());
    JsonObject first = JsonParser.parseString(lines.get(0)).getAsJsonObject();
    assertTrue(first.get("wrong_cells").getAsInt() > 0);
    assertFalse(first.get("solved").getAsBoolean());
  }

  @Test
  void text_ofAnEvaluation_saysAllAndDrawsOnTerminalsOnly() {
    assertEquals(0, Main.run("eval", "--weights", "nine", "--data", puzzles.toString()), said());
    String text = out.text();
    assertTrue(text.contains("segment    exact    cells   halted"), text);
    assertTrue(text.contains("(0 of 5), 0.00% accepted by the rules"), text);
    assertTrue(text.contains("failed: puzzle 0"), text);
    assertTrue(text.contains("and 2 more; --failures FILE lists all"), text);
    assertFalse(text.contains("▁"), text);
    System.setProperty("hrm.terminal.out", "true");
    try {
      Main.run("eval", "--weights", "nine", "--data", puzzles.toString());
    } finally {
      System.clearProperty("hrm.terminal.out");
    }
    assertTrue(out.text().contains("exact by segment  ▁▁▁"));
  }

  @Test
  void weights_unknown_namesTheBundledOnes() {
    refuses("or a bundled model's name (nine)", args("--weights", "ten"));
  }

  @Test
  void data_missing_isRefused() {
    refuses(
        "--data no-such.csv: there is no such file",
        "eval",
        "--weights",
        "nine",
        "--data",
        "no-such.csv");
  }

  @Test
  void data_thatTheModelIsNotFor_isRefusedWithBothSizes() throws IOException {
    save("four", 16, 6);
    refuses("seq_len 16, but the data has 81", args("--weights", "four"));
    save("more", 81, 12);
    refuses("vocab_size 12, but the data has 11", args("--weights", "more"));
  }

  @Test
  void options_outOfRange_areNamed() {
    refuses("--policy never is not known", args("--weights", "nine", "--policy", "never"));
    refuses("--batch 0: must be 1 or more", args("--weights", "nine", "--batch", "0"));
    refuses("--segments 0: must be 1 or more", args("--weights", "nine", "--segments", "0"));
    refuses("--limit 0: must be 1 or more", args("--weights", "nine", "--limit", "0"));
    refuses(
        "cannot be written",
        args("--weights", "nine", "--failures", folder.resolve("no/such/f.csv").toString()));
  }

  @Test
  void backendThatComputesNothing_isRefused() {
    String names = "must be one of auto, nd4j, nd4j-ops, cuda, reference";
    refuses("--backend simulated: " + names, args("--weights", "nine", "--backend", "simulated"));
    refuses("--backend tpu: " + names, args("--weights", "nine", "--backend", "tpu"));
  }

  @Test
  void backend_isTheSettingsUnlessItIsNamed() {
    System.setProperty("hrm.model.backend", "simulated");
    ConfigFactory.invalidateCaches();
    try {
      refuses("hrm.model.backend (HRM_BACKEND) simulated: must be", args("--weights", "nine"));
      eval("--weights", "nine", "--backend", "reference", "--limit", "1");
    } finally {
      System.clearProperty("hrm.model.backend");
      ConfigFactory.invalidateCaches();
    }
  }

  @Test
  void report_ofARun_isWrittenBesideTheLogOrWhereAsked() throws IOException {
    Path run = Files.createDirectory(folder.resolve("run"));
    try (TrainingLog log = TrainingLog.append(run.resolve(TrainingLog.FILE))) {
      log.run(0, TrainSettings.preset("sudoku-4x4"), "a machine");
    }
    assertEquals(0, Main.run("report", run.toString()), said());
    assertTrue(Files.readString(run.resolve("report.html")).contains("a machine"));
    Path page = folder.resolve("page.html");
    assertEquals(
        0, Main.run("report", run.resolve(TrainingLog.FILE).toString(), "--out", page.toString()));
    assertEquals(Files.readString(run.resolve("report.html")), Files.readString(page));
    assertEquals(run.resolve("report.html") + "\n" + page + "\n", out.text());
  }

  @Test
  void report_withoutALog_isRefused() {
    refuses("log.jsonl: does not exist", "report", folder.toString());
    refuses("no-such: does not exist", "report", "no-such");
  }
}
