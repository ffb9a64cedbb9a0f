package hrm.model;

import static hrm.model.ImportFiles.assertSame;
import static hrm.model.ImportFiles.options;
import static hrm.model.ImportFiles.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.io.DType;
import hrm.model.io.ModelFileException;
import hrm.model.io.SafeTensors;
import hrm.model.published.ImportOptions;
import hrm.model.published.ModelFiles;
import hrm.model.published.PublishedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Published checkpoints of HRM through to models that run. */
class ImportTest {
  @TempDir Path folder;
  private Path tiny;

  @BeforeEach
  void unpack() throws IOException {
    tiny = new ImportFiles(folder).tiny();
  }

  private Path config(String text) throws IOException {
    return new ImportFiles(folder).config(text);
  }

  @Test
  void import_tinyCheckpoint_hasTheNumbersOfItsSafetensors() throws IOException {
    Files.writeString(folder.resolve("all_config.yaml"), ImportFiles.ALL_CONFIG); // found beside it
    PublishedModel model = PublishedModel.read(tiny, null, options("puzzle", "sudoku-4x4"));
    Path out = folder.resolve("out");
    ModelFiles.at(out).write(model, DType.F32);

    Fixtures.safetensors("tiny_weights.safetensors")
        .arrays()
        .forEach(
            (name, golden) -> {
              float[] ours = model.weights().get(name.substring(Weights.PREFIX.length()));
              assertEquals(golden.length, ours.length);
              for (int i = 0; i < ours.length; i++) {
                assertEquals((float) golden[i], ours[i], name);
              }
            });
    Model loaded = Model.load(out);
    assertSame(model.weights(), loaded.weights());
    assertEquals("sudoku-4x4", loaded.config().puzzle());
    assertEquals(4, loaded.config().haltMaxSteps());
    assertEquals(23, SafeTensors.read(out.resolve("model.safetensors")).size());
    GoldenTest.check(
        GoldenTest.REFERENCE,
        loaded.weights(),
        "tiny_eval.safetensors",
        4,
        new double[] {5e-5, 5e-5, 5e-5, 5e-5},
        1);
  }

  @Test
  void import_card_saysWhereItIsFrom() throws IOException {
    PublishedModel model =
        PublishedModel.read(tiny, config(ImportFiles.ALL_CONFIG), options("seq_len", 16));
    ModelFiles.at(folder.resolve("out")).write(model, DType.F32);
    String card = Files.readString(folder.resolve("out/README.md"));
    for (String fact :
        new String[] {
          "`step_0`",
          model.sha256(),
          "hrm eval",
          "hrm node",
          "263,",
          "sudoku-4x4",
          "vocab_size 6 from the tensors",
          "\"hidden_size\": 64"
        }) {
      assertTrue(card.contains(fact), fact + " in\n" + card);
    }
  }

  @Test
  void import_fileName_putsTheRestBesideItAndKeepsForeignFiles() throws IOException {
    PublishedModel model =
        PublishedModel.read(tiny, config(ImportFiles.ALL_CONFIG), options("puzzle", "sudoku-4x4"));
    Path readme = Files.writeString(folder.resolve("README.md"), "mine");
    Path out = folder.resolve("m.safetensors");
    ModelFiles.at(out).write(model, DType.F32);
    ModelFiles.at(out).write(model, DType.F32); // again, over its own
    assertEquals("mine", Files.readString(readme));
    assertTrue(Files.exists(folder.resolve("m.md")));
    assertSame(model.weights(), Model.load(out).weights());
    Files.writeString(folder.resolve("config.json"), "{\"name\": \"npm\"}");
    assertThrows(ModelFileException.class, () -> ModelFiles.at(out));
  }

  @Test
  void import_archAloneAsJson_isTheSame() throws IOException {
    String arch =
        "{\"H_cycles\": 2, \"L_cycles\": 2, \"num_heads\": 2, \"pos_encodings\": \"rope\","
            + " \"halt_max_steps\": 4, \"hidden_size\": 64, \"seq_len\": 16}";
    HrmConfig whole =
        PublishedModel.read(tiny, config(ImportFiles.ALL_CONFIG), options("puzzle", "sudoku-4x4"))
            .weights()
            .config();
    assertEquals(
        whole.toJson(),
        PublishedModel.read(tiny, config(arch), ImportOptions.NONE).weights().config().toJson());
  }

  @Test
  void import_withoutConfig_listsWhatTheTensorsDoNotTell() throws IOException {
    String message = refused(tiny, null, ImportOptions.NONE);
    for (String option :
        new String[] {
          "--num-heads", "--pos-encodings", "--H-cycles", "--L-cycles", "--seq-len", "--config"
        }) {
      assertTrue(message.contains(option), message);
    }
    assertFalse(message.contains("hidden_size") || message.contains("expansion"), message);
    HrmConfig c =
        PublishedModel.read(
                tiny,
                null,
                options(
                    "num_heads",
                    2,
                    "pos_encodings",
                    "rope",
                    "H_cycles",
                    2,
                    "L_cycles",
                    2,
                    "seq_len",
                    16))
            .weights()
            .config();
    assertEquals("sudoku-4x4", c.puzzle());
    assertEquals(17, c.sequence());
    assertEquals(2, c.hLayers());
  }

  @ParameterizedTest
  @CsvSource({
    "data/sudoku-extreme-1k-aug-1000, 11, 81, sudoku-9x9",
    "[data/maze-30x30-hard-1k], 6, 900, maze-30x30"
  })
  void import_publishedData_tellsTheCells(String data, int vocab, int seqLen, String puzzle)
      throws IOException {
    HrmConfig c =
        HrmConfig.parse(
            "{\"hidden_size\": 8, \"num_heads\": 2, \"H_layers\": 1, \"L_layers\": 1, \"vocab_size\": "
                + vocab
                + "}");
    Path file = new ImportFiles(folder).save(Weights.random(c, 1).tensors(), c);
    HrmConfig imported =
        PublishedModel.read(
                file,
                config(
                    "arch: {H_cycles: 2, L_cycles: 2, num_heads: 2, pos_encodings: rope}\n"
                        + (data.startsWith("[") ? "data_paths: " : "data_path: ")
                        + data),
                ImportOptions.NONE)
            .weights()
            .config();
    assertEquals(seqLen, imported.seqLen());
    assertEquals(puzzle, imported.puzzle());
  }
}
