package hrm.model;

import static hrm.model.ImportFiles.options;
import static hrm.model.ImportFiles.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.io.DType;
import hrm.model.io.ModelFileException;
import hrm.model.io.SafeTensors;
import hrm.model.io.torch.Pickle;
import hrm.model.io.torch.TorchFiles;
import hrm.model.published.ImportOptions;
import hrm.model.published.ModelFiles;
import hrm.model.published.PublishedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Published checkpoints through to models that run. */
class ImportTest {
  private static final String TRM =
      """
      {"name": "recursive_reasoning.trm@TinyRecursiveReasoningModel_ACTV1", "H_cycles": 3,
       "L_cycles": 3, "H_layers": 4, "L_layers": 2, "hidden_size": 64, "num_heads": 2,
       "expansion": 4, "puzzle_emb_ndim": "${.hidden_size}", "pos_encodings": "none",
       "halt_max_steps": 4, "mlp_t": True, "puzzle_emb_len": 4, "no_ACT_continue": True}
      """;

  @TempDir Path folder;
  private Path tiny;

  @BeforeEach
  void unpack() throws IOException {
    tiny = new ImportFiles(folder).tiny();
  }

  private Path config(String text) throws IOException {
    return new ImportFiles(folder).config(text);
  }

  private static void assertSame(Weights expected, Weights actual) {
    assertEquals(expected.tensors().keySet(), actual.tensors().keySet());
    expected.tensors().forEach((name, data) -> assertArrayEquals(data, actual.get(name), name));
  }

  // ---- the published layout of HRM

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

  // ---- TRM

  /** A training program's file: raw weights, averaged parameters (no buffers), and more. */
  private Path trm(Weights weights, boolean flat) {
    TorchFiles files = new TorchFiles();
    Map<String, int[]> shapes = Weights.shapes(weights.config());
    Pickle pickle = Pickle.protocol(2).op('}').op('(');
    pickle.text("step").whole(7);
    if (!flat) {
      pickle.text("model_state_dict").orderedDict().op('(');
    }
    weights
        .tensors()
        .forEach(
            (name, data) -> {
              float[] raw = data.clone();
              if (isParameter(name)) {
                for (int i = 0; i < raw.length; i++) {
                  raw[i] += 1;
                }
              }
              files.put(pickle, "_orig_mod.model.inner." + name, raw, shapes.get(name));
            });
    if (!flat) {
      pickle.op('u').text("ema").op('}').op('(').text("mu").op('G', 0x3f, 0xef, 0, 0, 0, 0, 0, 0);
      pickle.text("shadow").op('}').op('(');
    }
    weights
        .tensors()
        .forEach(
            (name, data) -> {
              if (isParameter(name)) {
                String key = (flat ? "ema." : "") + "model.inner." + name;
                files.put(pickle, key, data, shapes.get(name));
              }
            });
    if (!flat) {
      pickle.ops("uu");
    }
    return files.write(folder.resolve("trm"), pickle.op('u').stop());
  }

  private static boolean isParameter(String name) {
    return !name.endsWith("_init") && !name.startsWith("puzzle_emb");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void import_trmWithAverages_takesThemAndRuns(boolean flat) throws IOException {
    Weights weights = Fixtures.recipe("trm_tiny_mlp.json");
    Path file = trm(weights, flat);
    PublishedModel model = PublishedModel.read(file, config(TRM), ImportOptions.NONE);
    assertTrue(model.ema());
    assertSame(weights, model.weights());
    String notes = String.join("\n", model.notes());
    assertTrue(notes.contains("taken raw: H_init, L_init, puzzle_emb.weights"), notes);
    assertTrue(notes.contains("left out, as they are no weights: step"), notes);
    HrmConfig c = model.weights().config();
    assertTrue(c.singleNet() && c.lMixing() && c.noActContinue());
    assertEquals(20, c.sequence());
    assertEquals(16, c.seqLen(), "inferred from mlp_t");
    GoldenTest.check(
        GoldenTest.REFERENCE,
        model.weights(),
        "trm_tiny_mlp_eval.safetensors",
        4,
        new double[] {1e-4, 2e-3},
        1);

    PublishedModel raw = PublishedModel.read(file, config(TRM), new ImportOptions(true, Map.of()));
    assertFalse(raw.ema());
    assertEquals(weights.get("q_head.bias")[0] + 1, raw.weights().get("q_head.bias")[0]);
  }

  @Test
  void import_trmByShapesAlone_isASingleNetOfPublishedLength() throws IOException {
    Weights weights = Fixtures.recipe("trm_tiny_mlp.json");
    Path file = trm(weights, true);
    HrmConfig c =
        PublishedModel.read(file, null, options("H_cycles", 3, "L_cycles", 6, "seq_len", 16))
            .weights()
            .config();
    assertEquals(4, c.puzzleEmbLen(), "S less the cells");
    assertEquals(HrmConfig.Positions.NONE, c.positions());
    c = PublishedModel.read(file, null, options("H_cycles", 3, "L_cycles", 6)).weights().config();
    assertEquals(16, c.puzzleEmbLen(), "TRM's default");
    assertEquals(4, c.seqLen());
  }

  @Test
  void import_trmAttention_runs() throws IOException {
    Weights weights = Fixtures.recipe("trm_tiny_att.json");
    String config =
        TRM.replace("\"none\"", "\"rope\"").replace("\"mlp_t\": True", "\"mlp_t\": False");
    PublishedModel model =
        PublishedModel.read(trm(weights, false), config(config), options("puzzle", "sudoku-4x4"));
    assertSame(weights, model.weights());
    GoldenTest.check(
        GoldenTest.REFERENCE,
        model.weights(),
        "trm_tiny_att_eval.safetensors",
        4,
        new double[] {5e-5, 5e-5},
        1);
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
