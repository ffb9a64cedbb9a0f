package hrm.cluster.models;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.Main;
import hrm.model.io.HostTensor;
import hrm.model.io.SafeTensors;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code hrm train} in a process of its own, killed in the middle. */
class TrainIT {
  private static final String CONFIG =
      """
      {"arch": {"puzzle": "sudoku-4x4", "seq_len": 16, "vocab_size": 6, "puzzle_emb_ndim": 32,
                "hidden_size": 32, "num_heads": 4, "H_layers": 1, "L_layers": 1, "halt_max_steps": 4,
                "no_ACT_continue": true},
       "train": {"examples": 50, "validation": 20, "batch": 8, "steps": 120, "evaluate_every": 10,
                 "optimizer": "muon", "lr": 0.02, "extra_clues": 6, "extra_clues_until": 60,
                 "random_states": true, "noise": 0.01, "ema": 0.9, "seed": 3,
                 "depth_curriculum": [{"until": 0.3, "H_cycles": 1, "L_cycles": 1}]}}
      """;

  @TempDir Path folder;

  private Process start(Path out) throws IOException {
    Path config = folder.resolve("config.json");
    Files.writeString(config, CONFIG);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(Main.class.getName(), "train", "--config", config.toString()));
    command.addAll(List.of("--out", out.toString(), "--checkpoint-every", "0", "--json"));
    return new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.appendTo(folder.resolve("stderr").toFile()))
        .start();
  }

  private static BufferedReader stdout(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  private void finish(Path out) throws Exception {
    Process process = start(out);
    stdout(process).lines().forEach(line -> {});
    assertEquals(0, process.waitFor(), Files.readString(folder.resolve("stderr")));
  }

  @Test
  void killedAndResumed_endsInTheBitsOfARunLeftAlone() throws Exception {
    Path alone = folder.resolve("alone");
    Path killed = folder.resolve("killed");
    finish(alone);
    SplittableRandom random = new SplittableRandom();
    for (int kill = 0; kill < 2; kill++) {
      Process process = start(killed);
      int lines = random.nextInt(2, 9); // two a tenth of the run
      try (BufferedReader out = stdout(process)) {
        for (int line = 0; line < lines; line++) {
          assertNotNull(out.readLine(), Files.readString(folder.resolve("stderr")));
        }
        process.destroyForcibly();
      }
      assertEquals(137, process.waitFor());
    }
    assertTrue(Files.exists(killed.resolve("checkpoint.safetensors")));
    finish(killed);
    assertTrue(Files.readString(folder.resolve("stderr")).contains("going on from step"));
    assertSame(alone.resolve("model.safetensors"), killed.resolve("model.safetensors"));
    assertSame(alone.resolve("checkpoint.safetensors"), killed.resolve("checkpoint.safetensors"));
  }

  private static void assertSame(Path expected, Path actual) throws IOException {
    Map<String, HostTensor> a = SafeTensors.read(expected);
    Map<String, HostTensor> b = SafeTensors.read(actual);
    assertEquals(a.keySet(), b.keySet());
    for (String name : a.keySet()) {
      float[] left = a.get(name).floats();
      float[] right = b.get(name).floats();
      if (name.equals("run")) {
        left[2] = left[3] = right[2] = right[3] = 0; // seconds
      }
      assertArrayEquals(left, right, 0f, name);
    }
  }
}
