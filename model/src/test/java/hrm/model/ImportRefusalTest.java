package hrm.model;

import static hrm.model.ImportFiles.options;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.io.torch.Pickle;
import hrm.model.io.torch.TorchFiles;
import hrm.model.published.ImportOptions;
import hrm.model.published.PublishedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Published checkpoints and configs that are refused, and what is said of them. */
class ImportRefusalTest {
  @TempDir Path folder;
  private Path tiny;

  @BeforeEach
  void unpack() throws IOException {
    tiny = new ImportFiles(folder).tiny();
  }

  private ImportFiles files() {
    return new ImportFiles(folder);
  }

  private Path config(String text) throws IOException {
    return files().config(text);
  }

  private static final HrmConfig SMALL =
      HrmConfig.parse(
          "{\"seq_len\": 16, \"vocab_size\": 6, \"hidden_size\": 8, \"num_heads\": 2,"
              + " \"H_layers\": 1, \"L_layers\": 1, \"pos_encodings\": \"learned\"}");

  private static final ImportOptions SMALL_OPTIONS =
      options("H_cycles", 2, "L_cycles", 2, "num_heads", 2, "seq_len", 16);

  private Map<String, float[]> small() {
    return new LinkedHashMap<>(Weights.random(SMALL, 5).tensors());
  }

  private String refused(Map<String, float[]> tensors) {
    return ImportFiles.refused(files().save(tensors, SMALL), null, SMALL_OPTIONS);
  }

  @Test
  void import_missingTensor_isNamed() {
    for (String name : Weights.shapes(SMALL).keySet()) {
      Map<String, float[]> tensors = small();
      tensors.remove(name);
      String message = refused(tensors, name);
      assertTrue(message.contains(name) || message.contains("L_level"), name + ": " + message);
    }
  }

  /** puzzle_emb and embed_pos may be absent, but not when a config asks for them. */
  private String refused(Map<String, float[]> tensors, String name) {
    Path file = files().save(tensors, SMALL);
    return ImportFiles.refused(
        file,
        null,
        options(
            "H_cycles",
            2,
            "L_cycles",
            2,
            "num_heads",
            2,
            "seq_len",
            16,
            "puzzle_emb_ndim",
            8,
            "pos_encodings",
            "learned",
            "expansion",
            4,
            "H_mlp_t",
            false,
            "L_mlp_t",
            false));
  }

  @Test
  void import_extraTensor_isNamed() {
    Map<String, float[]> tensors = small();
    tensors.put("L_level.layers.0.self_attn.gate.weight", new float[3]);
    assertTrue(
        refused(tensors).contains("has the tensor L_level.layers.0.self_attn.gate.weight"),
        refused(tensors));
  }

  @Test
  void import_computedBuffers_areLeftOut() throws IOException {
    Map<String, float[]> tensors = small();
    tensors.put("inner.rotary_emb.cos_cached", new float[3]);
    PublishedModel model = PublishedModel.read(files().save(tensors, SMALL), null, SMALL_OPTIONS);
    assertTrue(
        model.notes().toString().contains("computes them itself: rotary_emb.cos_cached"),
        model.notes().toString());
  }

  @Test
  void import_sameTensorTwice_isRefused() {
    Map<String, float[]> tensors = small();
    tensors.put("model.inner.H_init", new float[8]);
    assertTrue(refused(tensors).contains("holds the tensor H_init twice"), refused(tensors));
  }

  @Test
  void import_otherArchitecture_isRefused() {
    Map<String, float[]> tensors = new LinkedHashMap<>();
    tensors.put("model.embed_tokens.weight", new float[8]);
    tensors.put("model.layers.0.self_attn.q_proj.weight", new float[8]);
    tensors.put("model.norm.weight", new float[8]);
    String message = refused(tensors);
    assertTrue(
        message.contains("is of another architecture, not an HRM or a TRM")
            && message.contains("layers.0.self_attn.q_proj.weight"),
        message);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void import_valueThatIsNotFinite_isNamed(float value) {
    Map<String, float[]> tensors = small();
    tensors.get("lm_head.weight")[5] = value;
    assertTrue(
        refused(tensors).contains("tensor lm_head.weight has the value " + value + " at 5"),
        refused(tensors));
  }

  @Test
  void import_wholeNumbersAsWeights_areRefused() {
    TorchFiles files = new TorchFiles();
    Pickle pickle = Pickle.protocol(2).orderedDict().op('(');
    small()
        .forEach(
            (name, data) -> {
              if (!name.equals("q_head.bias")) {
                files.put(pickle, name, data, Weights.shapes(SMALL).get(name));
              }
            });
    pickle
        .text("q_head.bias")
        .tensor("IntStorage", files.store(new byte[8]), 2, 0, new long[] {2}, new long[] {1});
    Path file = files.write(folder.resolve("small"), pickle.op('u').stop());
    String message = ImportFiles.refused(file, null, SMALL_OPTIONS);
    assertTrue(message.contains("tensor q_head.bias holds whole numbers (I32)"), message);
  }

  @Test
  void import_noTensors_saysWhereItLooked() {
    byte[] pickle = Pickle.protocol(2).op('}', 'q', 0).text("model").op('h', 0, 's').stop();
    String message =
        ImportFiles.refused(
            new TorchFiles().write(folder.resolve("self"), pickle), null, ImportOptions.NONE);
    assertTrue(message.contains("holds no tensors where"), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "arch: {hidden_size: 128, H_cycles: 2, L_cycles: 2, num_heads: 2, pos_encodings: rope}|tensor H_init has shape [64], but the config asks for [128]",
        "arch: {H_cycles: many, L_cycles: 2, num_heads: 2, pos_encodings: rope}|hrm_v1.yaml's keys",
        "arch: {H_cycles: 2, L_cycles: 2, num_heads: 2, pos_encodings: sine}|must be \"rope\"",
        "arch: {H_cycles: 2, L_cycles: 2, num_heads: 3, pos_encodings: rope}|not a multiple of num_heads 3",
        "arch: {H_cycles: 2, L_cycles: 2, H_layers: 3, num_heads: 2, pos_encodings: rope}|has no tensor H_level.layers.2.",
        "arch: {H_cycles: 2, L_cycles: 2, H_layers: 1, num_heads: 2, pos_encodings: rope}|has the tensor H_level.layers.1.",
        "arch: {H_cycles: 2, hidden_size: '${.width}'}|refers to '${.width}', which is not a key",
        "arch: {H_cycles: 2, hidden_size: '${.hidden_size}'}|refers to '${.hidden_size}'",
        "lr: 0.1|has neither H_cycles nor hidden_size",
        "[1, 2]|not a table of keys",
        "arch: !!python/object/apply:os.system [id]|neither YAML nor JSON",
        "arch: &x {H_cycles: 2, L_cycles: *x}|the config's L_cycles is a list or table",
        "arch: {H_cycles: .nan, L_cycles: 2, num_heads: 2, pos_encodings: rope}|NaN is not a valid",
        "data_paths: &x [*x]|has neither H_cycles nor hidden_size",
        "arch: {H_cycles|neither YAML nor JSON",
        "arch: &a {H_cycles: 2, *a: 1}|neither YAML nor JSON",
      })
  void import_badConfig_isExplained(String text, String what) throws IOException {
    String message = ImportFiles.refused(tiny, config(text), options("puzzle", "sudoku-4x4"));
    assertTrue(message.contains(what), message);
  }

  @Test
  void import_deepConfig_isRefused() throws IOException {
    String message = ImportFiles.refused(tiny, config("[".repeat(200_000)), ImportOptions.NONE);
    assertTrue(message.contains("neither YAML nor JSON"), message);
  }

  @Test
  void import_puzzleThatDoesNotFit_isRefused() throws IOException {
    String message =
        ImportFiles.refused(tiny, config(ImportFiles.ALL_CONFIG), options("puzzle", "sudoku-9x9"));
    assertTrue(message.contains("sudoku-9x9 has 81 cells and 11 tokens"), message);
    message = ImportFiles.refused(tiny, config(ImportFiles.ALL_CONFIG), options("puzzle", "chess"));
    assertTrue(message.contains("--puzzle chess is not known; use sudoku-4x4"), message);
    message = ImportFiles.refused(tiny, folder.resolve("none.yaml"), ImportOptions.NONE);
    assertTrue(message.contains("there is no such config file"), message);
  }
}
