package hrm.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import hrm.model.io.ModelFileException;
import hrm.model.io.torch.Pickle;
import hrm.model.io.torch.TorchFiles;
import hrm.model.published.ImportOptions;
import hrm.model.published.PublishedModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Checkpoints and configs to import, in a folder of a test. */
final class ImportFiles {
  static final String ALL_CONFIG =
      """
      arch:
        H_cycles: 2
        H_layers: 2
        L_cycles: 2
        L_layers: 2
        expansion: 4.0
        halt_exploration_prob: 0.1
        halt_max_steps: 4
        hidden_size: 64
        loss:
          loss_type: stablemax_cross_entropy
          name: losses@ACTLossHead
        name: hrm.hrm_act_v1@HierarchicalReasoningModel_ACTV1
        num_heads: 2
        pos_encodings: rope
        puzzle_emb_ndim: 64
      checkpoint_path: checkpoints/4x4
      data_path: data/sudoku-4x4
      global_batch_size: 4
      lr: 0.0001
      """;

  private final Path folder;

  ImportFiles(Path folder) {
    this.folder = folder;
  }

  /** The checkpoint that the published code saved of its tiny model. */
  Path tiny() throws IOException {
    Path file = folder.resolve("step_0");
    try (InputStream in = getClass().getResourceAsStream("/fixtures/tiny_checkpoint_step_0.pt")) {
      Files.copy(in, file);
    }
    return file;
  }

  Path config(String text) throws IOException {
    return Files.writeString(folder.resolve("some_config"), text);
  }

  /** A checkpoint of these tensors. */
  Path save(Map<String, float[]> tensors, HrmConfig c) {
    TorchFiles files = new TorchFiles();
    Pickle pickle = Pickle.protocol(2).orderedDict().op('(');
    Map<String, int[]> shapes = Weights.shapes(c);
    tensors.forEach(
        (name, data) ->
            files.put(pickle, name, data, shapes.getOrDefault(name, new int[] {data.length})));
    return files.write(folder.resolve("small"), pickle.op('u').stop());
  }

  /**
   * A file of TRM's training program: raw weights, averaged parameters (no buffers), and more. Raw
   * parameters are these plus 1, the averages these.
   *
   * @param flat whether all stand in one dictionary, by prefixes
   */
  Path trm(Weights weights, boolean flat) {
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

  static ImportOptions options(Object... pairs) {
    Map<String, Object> keys = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      keys.put(pairs[i].toString(), pairs[i + 1]);
    }
    return new ImportOptions(false, keys);
  }

  static void assertSame(Weights expected, Weights actual) {
    assertEquals(expected.tensors().keySet(), actual.tensors().keySet());
    expected.tensors().forEach((name, data) -> assertArrayEquals(data, actual.get(name), name));
  }

  /** The one line that says why. */
  static String refused(Path file, Path config, ImportOptions options) {
    String message =
        assertThrows(ModelFileException.class, () -> PublishedModel.read(file, config, options))
            .getMessage();
    assertEquals(1, message.lines().count(), message);
    return message;
  }
}
