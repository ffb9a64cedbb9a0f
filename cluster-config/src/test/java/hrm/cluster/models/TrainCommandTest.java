package hrm.cluster.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.Main;
import hrm.cluster.cli.Printed;
import hrm.model.learn.Evaluation;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
  @RegisterExtension final Printed out = Printed.onStdout();
  @RegisterExtension final Printed err = Printed.onStderr();

  @TempDir Path folder;

  private int train(String rate) throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("config.json"),
            """
            {"arch": {"puzzle": "sudoku-4x4", "seq_len": 16, "vocab_size": 6, "puzzle_emb_ndim": 0,
                      "hidden_size": 16, "num_heads": 2, "H_layers": 1, "L_layers": 1,
                      "halt_max_steps": 2, "no_ACT_continue": true},
             "train": {"examples": 20, "validation": 4, "batch": 4, "steps": 2, "evaluate_every": 1,
                       "lr_warmup_steps": 1, "lr": %s}}
            """
                .formatted(rate));
    return Main.run(
        "train", "--backend=reference", "--json", "--config=" + config, "--out=" + folder + "/m");
  }

  @Test
  void train_ofTwoSegments_namesTheTwo() throws Exception {
    assertEquals(0, train("0.001"), err.text());
    assertTrue(err.text().contains("after step 1: solved after segment 1, 2: 0.0%, "), err.text());
  }

  @Test
  void train_thatDiverges_fails() throws Exception {
    assertEquals(1, train("1e300"));
    assertTrue(err.text().contains("training has diverged"), err.text());
    assertFalse(Files.exists(folder.resolve("m/model.safetensors")));
  }

  @Test
  void wrongInput_isNamed() throws Exception {
    Path empty = Files.writeString(folder.resolve("empty.txt"), "");
    String out = "--out=" + folder.resolve("m");
    assertEquals(2, Main.run("train", "--backend=reference", "--config=" + empty, out));
    assertTrue(err.text().contains("--config " + empty + ": the training config"), err.text());
    for (String every : new String[] {"-1", "NaN"}) {
      err.clear();
      assertEquals(2, Main.run("train", "--set=sudoku-4x4", out, "--checkpoint-every=" + every));
      assertTrue(err.text().contains("--checkpoint-every " + Double.parseDouble(every) + ": must"));
    }
  }

  @Test
  void json_ofNumbersThatAreNone_isNull() {
    Evaluation e =
        new Evaluation(1, new double[] {Double.NaN}, 0.5, 1, Double.POSITIVE_INFINITY, 0);
    String line = TrainCommand.json("evaluation", e);
    assertTrue(line.contains("\"solved\":[null],\"cells\":0.5"), line);
    assertTrue(line.contains("\"meanSegments\":null"), line);
  }

  @Test
  void after_isWithoutRepetition() {
    int[] six = TrainCommand.after(new Evaluation(1, new double[6], 0, 0, 0, 0));
    assertArrayEquals(new int[] {1, 2, 4, 6}, six);
    int[] eight = TrainCommand.after(new Evaluation(1, new double[8], 0, 0, 0, 0));
    assertArrayEquals(new int[] {1, 2, 4, 8}, eight);
  }
}
