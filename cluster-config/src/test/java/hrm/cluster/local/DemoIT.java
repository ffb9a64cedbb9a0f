package hrm.cluster.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import hrm.cluster.Main;
import hrm.cluster.cli.Home;
import hrm.cluster.cli.Printed;
import hrm.model.HrmConfig;
import hrm.model.Model;
import hrm.model.Weights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The demo against a real broker and a real node, in processes of their own. */
@Order(1) // leaves the archives with which the programs of the others start faster
@Tag("alone")
class DemoIT {
  private static final String ARCH =
      """
      {"seq_len": 16, "vocab_size": 6, "puzzle_emb_ndim": 0, "hidden_size": 32, "num_heads": 4,
       "H_layers": 1, "L_layers": 1, "halt_max_steps": 4, "mlp_t": true, "pos_encodings": "none",
       "puzzle": "sudoku-4x4"}
      """;

  @RegisterExtension final Printed out = Printed.onStdout();

  @TempDir Path folder;

  @BeforeEach
  void listen() {
    System.setProperty("hrm.home", Path.of("..").toAbsolutePath().normalize().toString());
  }

  @AfterEach
  void stopListening() {
    System.clearProperty("hrm.home");
    System.clearProperty("hrm.model.path");
    com.typesafe.config.ConfigFactory.invalidateCaches();
  }

  private JsonObject demo(String... more) {
    String[] args = {"demo", "--set", "sudoku-4x4", "--puzzles", "40", "--json"};
    String[] all = java.util.Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    assertEquals(0, Main.run(all));
    return out.json();
  }

  private void use(Path model) {
    System.setProperty("hrm.model.path", model.toString());
    com.typesafe.config.ConfigFactory.invalidateCaches();
  }

  @Test
  void demo_firstRun_everyJobComesBackOnce_andItSaysWhyItTakesLonger() throws Exception {
    Path model = folder.resolve("untrained");
    Model.save(model, Weights.random(HrmConfig.parse(ARCH), 7), Map.of());
    use(model);
    Files.deleteIfExists(Home.get().nodeArchive());
    Files.deleteIfExists(Home.get().brokerArchive());
    JsonObject[] printed = new JsonObject[1];
    String said = Printed.onStderr().during(() -> printed[0] = demo());
    assertTrue(said.contains("and a node (the first start is slower) ..."), said);
    assertTrue(said.contains("keeping the loaded classes, with which later starts"), said);
    assertTrue(Files.exists(Home.get().nodeArchive()));
    JsonObject summary = printed[0];
    assertEquals(40, summary.get("jobs").getAsInt());
    assertEquals(40, summary.get("results").getAsInt());
    assertEquals(0, summary.get("duplicates").getAsInt());
    assertEquals(0, summary.get("dead_lettered").getAsInt());
    assertEquals("untrained", summary.get("model").getAsString());
    assertEquals(Model.load(model).sha256(), summary.get("model_sha256").getAsString());
    assertEquals(
        Set.of(
            "jobs",
            "results",
            "duplicates",
            "solved",
            "dead_lettered",
            "mean_segments",
            "seconds",
            "puzzles_per_second",
            "bootstrap",
            "model",
            "model_sha256"),
        summary.keySet());
  }

  @Test
  void demo_truncatedWeights_saysWhichFile() throws Exception {
    Path model = folder.resolve("broken");
    Model.save(model, Weights.random(HrmConfig.parse(ARCH), 7), Map.of());
    Path weights = model.resolve(Model.WEIGHTS_FILE);
    byte[] bytes = Files.readAllBytes(weights);
    Files.write(weights, java.util.Arrays.copyOf(bytes, bytes.length / 2));
    use(model);
    String said =
        Printed.onStderr().during(() -> assertEquals(2, Main.run("demo", "--set", "sudoku-4x4")));
    assertTrue(said.contains(weights.toString()), said);
    assertFalse(said.contains("\tat "), said);
  }
}
