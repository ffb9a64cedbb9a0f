package hrm.model.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.Backends;
import hrm.model.Model;
import hrm.model.io.FolderLock;
import hrm.model.io.HostTensor;
import hrm.model.io.ModelFileException;
import hrm.model.io.SafeTensors;
import hrm.model.io.Sha256;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.PuzzleGenerator;
import hrm.model.puzzle.Sudoku;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may differ between two sittings of a run, and what ends one. */
class TrainingResumeTest {
  private static final String BASE =
      "\"examples\": 20, \"validation\": 4, \"batch\": 4, \"lr_warmup_steps\": 1, \"lr\": 0.001, ";

  @TempDir Path folder;

  private Notes run(Path out, String train) throws IOException {
    Notes notes = new Notes();
    TrainSettings settings =
        TrainSettings.parse(
            """
            {"arch": {"puzzle": "sudoku-4x4", "seq_len": 16, "vocab_size": 6, "puzzle_emb_ndim": 0,
                      "hidden_size": 16, "num_heads": 2, "H_layers": 1, "L_layers": 1,
                      "halt_max_steps": 2, "no_ACT_continue": true},
             "train": {%s}}
            """
                .formatted(train));
    new Training(settings, out, Backends.named("reference", 1), notes).run(60);
    return notes;
  }

  private Path begun() throws IOException {
    Path out = folder.resolve("out");
    run(out, BASE + "\"steps\": 1");
    return out;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "optimizer|\"adamw\"|adam-atan2",
        "loss|\"softmax\"|stablemax",
        "gradient|\"one-step\"|last-cycle",
        "seed|5|0"
      })
  void anotherRuleOrSeedIsRefused(String key, String json, String then) throws IOException {
    Path out = begun();
    String train = BASE + "\"steps\": 2, \"%s\": %s".formatted(key, json);
    assertEquals(
        "train.%s is %s, but the run in %s was begun with %s; go on with that, or train into another folder"
            .formatted(key, json.replace("\"", ""), out, then),
        assertThrows(IllegalArgumentException.class, () -> run(out, train)).getMessage());
    assertFalse(Files.readString(out.resolve("train.json")).contains("\"steps\": 2"));
  }

  @Test
  void otherDataAreRefused_theSameUnderAnotherPathAreTaken() throws IOException {
    Path first = puzzles("first.csv", 1);
    Path same = Files.copy(first, folder.resolve("same.csv"));
    Path other = puzzles("other.csv", 2);
    Path out = folder.resolve("out");
    String data = BASE + "\"steps\": %d, \"data\": \"%s\"";
    run(out, data.formatted(1, first));
    assertTrue(run(out, data.formatted(2, same)).say("going on from step 1"));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> run(out, data.formatted(3, other)));
    assertTrue(e.getMessage().startsWith("train.data is " + other + ", but"), e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> run(out, BASE + "\"steps\": 3"));
  }

  private Path puzzles(String name, long seed) throws IOException {
    PuzzleGenerator generator = PuzzleGenerator.of(Sudoku.SIZE_4, seed);
    StringBuilder csv = new StringBuilder("question,answer\n");
    for (int i = 0; i < 12; i++) {
      Example example = generator.next();
      csv.append(Sudoku.SIZE_4.text(example.inputs())).append(',');
      csv.append(Sudoku.SIZE_4.text(example.labels())).append('\n');
    }
    return Files.writeString(folder.resolve(name), csv);
  }

  @Test
  void otherRatesAndStepsGoOn_andTheBestIsThatOfBefore() throws IOException {
    Notes notes = run(begun(), BASE + "\"steps\": 2, \"evaluate_every\": 7, \"weight_decay\": 0.2");
    assertTrue(notes.say("going on from step 1"), notes.notes.toString());
    assertFalse(notes.say("chosen anew"), notes.notes.toString());
  }

  /** With a rate that moves nothing, no later evaluation is better by the same puzzles. */
  @Test
  void otherValidationPuzzlesChooseTheBestAnew() throws IOException {
    String still = "\"lr\": 1e-12, \"weight_decay\": 0, \"ema\": 0, \"steps\": %d";
    Path out = folder.resolve("out");
    run(out, BASE.replace("\"lr\": 0.001, ", "") + still.formatted(1));
    Notes alike = run(out, BASE.replace("\"lr\": 0.001, ", "") + still.formatted(2));
    assertEquals(List.of(false), alike.best);
    Notes others =
        run(
            out,
            BASE.replace("\"lr\": 0.001, ", "").replace("\"validation\": 4", "\"validation\": 5")
                + still.formatted(3));
    assertTrue(others.say("the best weights are chosen anew"), others.notes.toString());
    assertEquals(List.of(true), others.best);
  }

  @Test
  void aCheckpointWithoutDigestGoesOn() throws IOException {
    Path out = begun();
    Path file = out.resolve("checkpoint.safetensors");
    Map<String, HostTensor> tensors = SafeTensors.read(file);
    SafeTensors.write(file, tensors, Map.of());
    Notes notes = run(out, BASE + "\"steps\": 2");
    assertTrue(notes.say("going on from step 1"), notes.notes.toString());
    assertTrue(notes.say("chosen anew"), "puzzles are made otherwise now");
  }

  @Test
  void aRunThatDivergesEndsAndWritesNothing() throws IOException {
    Path out = begun();
    Set<String> before = contents(out);
    String wild = BASE.replace("0.001", "1e30") + "\"steps\": 9, \"evaluate_every\": 9";
    DivergedException e = assertThrows(DivergedException.class, () -> run(out, wild));
    assertTrue(e.getMessage().contains("training has diverged"), e.getMessage());
    assertTrue(e.getMessage().contains("lower train.lr (1.0E30)"), e.getMessage());
    assertTrue(e.getMessage().endsWith("go on from the checkpoint in " + out), e.getMessage());
    assertEquals(before, contents(out));
  }

  /** The loss of the only step is finite; its update is not. */
  @Test
  void weightsThatAreNotFiniteAreNoModel() {
    Path out = folder.resolve("out");
    String wild = BASE.replace("0.001", "1e300") + "\"steps\": 1";
    assertThrows(DivergedException.class, () -> run(out, wild));
    assertFalse(Files.exists(out.resolve(Model.WEIGHTS_FILE)));
    assertFalse(Files.exists(out.resolve("checkpoint.safetensors")));
  }

  @Test
  void aCheckpointOfADivergedRunIsRefused() throws IOException {
    Path out = begun();
    Path file = out.resolve("checkpoint.safetensors");
    Map<String, HostTensor> tensors = SafeTensors.read(file);
    tensors.get("p/lm_head.weight").floats()[3] = Float.NaN;
    SafeTensors.write(file, tensors, SafeTensors.metadata(file));
    ModelFileException e =
        assertThrows(ModelFileException.class, () -> run(out, BASE + "\"steps\": 2"));
    assertTrue(e.getMessage().contains("of a run that has diverged"), e.getMessage());
  }

  @Test
  void aFolderHasOneRun() throws IOException {
    Path out = begun();
    try (FolderLock lock = FolderLock.take(out, "train.lock").orElseThrow()) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> run(out, BASE + "\"steps\": 2"));
      assertEquals(
          "another run trains into %s; wait for it, end it, or choose another folder"
              .formatted(out),
          e.getMessage());
    }
    run(out, BASE + "\"steps\": 2");
  }

  /** What a run leaves for good: bits of the checkpoint and of the model. */
  private static Set<String> contents(Path out) throws IOException {
    try (Stream<Path> files = Files.list(out)) {
      return files
          .filter(file -> file.toString().endsWith(".safetensors"))
          .map(
              file -> {
                try {
                  return file.getFileName() + Sha256.of(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              })
          .collect(Collectors.toSet());
    }
  }
}
