package hrm.cluster.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.Main;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands in a process of their own that is told to end while it makes very many puzzles. */
class MakingIT {
  private static final int SIGTERM = 128 + 15;
  private static final int LONGEST_SECONDS = 60;

  @TempDir Path folder;

  /** What it says, until it has ended by SIGTERM, sent when it says that it makes puzzles. */
  private String stopped(String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
    command.add(Main.class.getName());
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).start();
    Executor later = CompletableFuture.delayedExecutor(LONGEST_SECONDS, TimeUnit.SECONDS);
    later.execute(process::destroyForcibly); // which ends the reading, too
    List<String> said = new ArrayList<>();
    try (var err =
        new BufferedReader(
            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      for (String line = err.readLine(); line != null; line = err.readLine()) {
        said.add(line);
        if (line.startsWith("making ")) {
          process.toHandle().destroy();
        }
      }
    } finally {
      process.destroyForcibly();
    }
    assertEquals(SIGTERM, process.waitFor(), () -> "said " + said);
    return String.join("\n", said);
  }

  private List<Path> files() throws Exception {
    try (Stream<Path> all = Files.list(folder)) {
      return all.toList();
    }
  }

  @Test
  void train_whilePuzzlesAreMade_endsAtOnce() throws Exception {
    Path config =
        Files.writeString(
            folder.resolve("config.json"),
            """
            {"arch": {"puzzle": "maze-30x30", "seq_len": 900, "vocab_size": 6,
                      "puzzle_emb_ndim": 0, "hidden_size": 32, "num_heads": 4, "H_layers": 1,
                      "L_layers": 1, "halt_max_steps": 4, "no_ACT_continue": true},
             "train": {"examples": 1000000, "validation": 20, "batch": 8, "steps": 10}}
            """);
    Path out = folder.resolve("out");
    String said = stopped("train", "--backend=reference", "--config=" + config, "--out=" + out);
    assertTrue(said.contains("making 1,001,020 puzzles of maze-30x30: "), said);
    assertTrue(said.endsWith("stopped before the first step: there is nothing to save yet"), said);
    try (Stream<Path> written = Files.list(out)) {
      assertEquals(List.of(out.resolve("train.lock")), written.toList());
    }
  }

  @Test
  void dataset_whilePuzzlesAreMade_leavesNoFile() throws Exception {
    Path out = folder.resolve("mazes.csv");
    String said = stopped("dataset", "generate", "maze-30x30", "--count=1000000", "--out=" + out);
    assertTrue(said.contains("making 1,000,000 puzzles of maze-30x30: "), said);
    assertTrue(said.endsWith("stopped: %s was not written".formatted(out)), said);
    assertEquals(List.of(), files());
  }
}
