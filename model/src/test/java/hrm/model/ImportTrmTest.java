package hrm.model;

import static hrm.model.ImportFiles.assertSame;
import static hrm.model.ImportFiles.options;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.published.ImportOptions;
import hrm.model.published.PublishedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Published checkpoints of TRM, with their averages or raw, through to models that run. */
class ImportTrmTest {
  private static final String TRM =
      """
      {"name": "recursive_reasoning.trm@TinyRecursiveReasoningModel_ACTV1", "H_cycles": 3,
       "L_cycles": 3, "H_layers": 4, "L_layers": 2, "hidden_size": 64, "num_heads": 2,
       "expansion": 4, "puzzle_emb_ndim": "${.hidden_size}", "pos_encodings": "none",
       "halt_max_steps": 4, "mlp_t": True, "puzzle_emb_len": 4, "no_ACT_continue": True}
      """;

  @TempDir Path folder;

  private ImportFiles files() {
    return new ImportFiles(folder);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void import_trmWithAverages_takesThemAndRuns(boolean flat) throws IOException {
    Weights weights = Fixtures.recipe("trm_tiny_mlp.json");
    Path file = files().trm(weights, flat);
    PublishedModel model = PublishedModel.read(file, files().config(TRM), ImportOptions.NONE);
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

    PublishedModel raw =
        PublishedModel.read(file, files().config(TRM), new ImportOptions(true, Map.of()));
    assertFalse(raw.ema());
    assertEquals(weights.get("q_head.bias")[0] + 1, raw.weights().get("q_head.bias")[0]);
  }

  @Test
  void import_trmByShapesAlone_isASingleNetOfPublishedLength() throws IOException {
    Weights weights = Fixtures.recipe("trm_tiny_mlp.json");
    Path file = files().trm(weights, true);
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
        PublishedModel.read(
            files().trm(weights, false), files().config(config), options("puzzle", "sudoku-4x4"));
    assertSame(weights, model.weights());
    GoldenTest.check(
        GoldenTest.REFERENCE,
        model.weights(),
        "trm_tiny_att_eval.safetensors",
        4,
        new double[] {5e-5, 5e-5},
        1);
  }
}
