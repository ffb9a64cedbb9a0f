package hrm.cluster.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.Main;
import hrm.model.io.HostTensor;
import hrm.model.io.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every command that takes a model takes it, and refuses it, alike. */
class ModelArgumentTest {
  @RegisterExtension final Printed out = Printed.onStdout();
  @RegisterExtension final Printed err = Printed.onStderr();

  @TempDir Path folder;

  @BeforeEach
  void useTheBundledModels() {
    System.setProperty("hrm.home", Path.of("..").toAbsolutePath().normalize().toString());
  }

  @AfterEach
  void restore() {
    System.clearProperty("hrm.home");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "eval --data d --weights",
        "residuals --out r.svg --weights",
        "dump --inputs i --out o --weights",
        "train --set sudoku-4x4 --out o --weights",
        "bench trace --model",
        "bench pipeline --weights"
      })
  void unknownModel_isRefusedWithWhatMayBeGiven(String command) {
    assertEquals(2, Main.run((command + " nowhere").split(" ")));
    String said = err.text();
    assertTrue(
        said.contains(
            " nowhere: there is no such file or folder; give a model folder, its"
                + " model.safetensors, or a bundled model's name (sudoku-4x4, sudoku-6x6,"
                + " sudoku-9x9)"),
        said);
  }

  @Test
  void dump_withoutInputs_orAFileToWrite_isRefusedBeforeItsWork() {
    String[] dump = "dump --weights sudoku-4x4 --inputs nofile --out nosuch/o".split(" ");
    assertEquals(2, Main.run(dump));
    assertTrue(err.text().contains("--inputs nofile: there is no such file"), err.text());
    dump[4] = "pom.xml";
    assertEquals(2, Main.run(dump));
    assertTrue(err.text().contains("--out nosuch/o cannot be written"), err.text());
  }

  @ParameterizedTest
  @ValueSource(strings = {"eval", "residuals", "dump", "train", "bench trace", "bench pipeline"})
  void help_saysWhatMayBeGiven(String command) {
    assertEquals(0, Main.run((command + " --help").split(" ")));
    String help = out.text().replaceAll("\\s+", " ");
    assertTrue(help.contains(ModelArgument.FORMS), help);
  }

  @Test
  void dump_ofABundledModel_isThatOfItsFolderAndOfItsFiles() throws IOException {
    Path bundled = Home.get().models().resolve("sudoku-4x4");
    String file = bundled.resolve("model.safetensors").toString();
    float[] byName = dump("--weights", "sudoku-4x4");
    assertArrayEquals(byName, dump("--weights", bundled.toString()));
    assertArrayEquals(byName, dump("--weights", file));
    String config = Files.copy(bundled.resolve("config.json"), folder.resolve("c")).toString();
    assertArrayEquals(byName, dump("--weights", file, "--config", config));
  }

  /** The logits. */
  private float[] dump(String... model) throws IOException {
    Path inputs = folder.resolve("in.safetensors");
    int[] tokens = {2, 1, 1, 1, 1, 3, 1, 1, 1, 1, 4, 1, 1, 1, 1, 5};
    SafeTensors.write(
        inputs,
        Map.of(
            "inputs", HostTensor.of(tokens, 1, 16),
            "puzzle_identifiers", HostTensor.of(new int[1], 1)),
        Map.of());
    Path dumped = folder.resolve("out.safetensors");
    String[] rest = {"--inputs", inputs.toString(), "--out", dumped.toString()};
    String[] all = new String[1 + model.length + rest.length];
    all[0] = "dump";
    System.arraycopy(model, 0, all, 1, model.length);
    System.arraycopy(rest, 0, all, 1 + model.length, rest.length);
    assertEquals(0, Main.run(all), err.text());
    return SafeTensors.read(dumped).get("seg0.logits").floats();
  }
}
