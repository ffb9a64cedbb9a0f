package hrm.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.io.DType;
import hrm.model.io.HostTensor;
import hrm.model.io.ModelFileException;
import hrm.model.io.SafeTensors;
import hrm.model.io.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelTest {
  private static final String TINY =
      "{\"seq_len\": 16, \"vocab_size\": 6, \"hidden_size\": 32, \"num_heads\": 4, \"H_layers\": 1,"
          + " \"L_layers\": 1, \"puzzle\": \"sudoku-4x4\"";

  @TempDir Path folder;
  private final Weights weights = Weights.random(HrmConfig.parse(TINY + "}"), 3);

  @BeforeEach
  void save() throws IOException {
    Model.save(folder, weights, Map.of("step", "1"));
  }

  private String refused() {
    return assertThrows(ModelFileException.class, () -> Model.load(folder)).getMessage();
  }

  @Test
  void load_whatWasSaved_hasTheSameBits() throws IOException {
    Model model = Model.load(folder);
    weights.tensors().forEach((name, data) -> assertArrayEquals(data, model.weights().get(name)));
    assertEquals(Sha256.of(folder.resolve(Model.WEIGHTS_FILE)), model.sha256());
    assertEquals(folder.getFileName().toString(), model.name());
    assertEquals("sudoku-4x4", model.puzzle().orElseThrow().name());
    assertTrue(
        SafeTensors.read(folder.resolve(Model.WEIGHTS_FILE)).keySet().stream()
            .allMatch(name -> name.startsWith(Weights.PREFIX)));
  }

  @Test
  void identity_isOfWeightsAndConfig() throws IOException {
    Model model = Model.load(folder);
    Path file = folder.resolve(Model.CONFIG_FILE);
    String config = Files.readString(file);
    Files.writeString(file, config.replace("\n", "").replace("  ", " "));
    assertEquals(model.identity(), Model.load(folder).identity(), "written otherwise");
    Files.writeString(file, config.replace("\"L_cycles\": 2", "\"L_cycles\": 3"));
    Model other = Model.load(folder);
    assertEquals(3, other.config().lCycles());
    assertEquals(model.sha256(), other.sha256());
    assertNotEquals(model.identity(), other.identity());
  }

  @Test
  void save_asBf16_halvesTheFile_andGivesBackTheRoundedValues() throws IOException {
    Path half = folder.resolve("half");
    Model.save(half, weights, DType.BF16, Map.of());
    long full = Files.size(folder.resolve(Model.WEIGHTS_FILE));
    assertTrue(Files.size(half.resolve(Model.WEIGHTS_FILE)) < 0.6 * full);
    Weights read = Model.load(half).weights();
    Weights rounded = weights.rounded(DType.BF16);
    rounded.tensors().forEach((name, data) -> assertArrayEquals(data, read.get(name), name));
    float first = weights.get("lm_head.weight")[0];
    float kept = rounded.get("lm_head.weight")[0];
    assertTrue(
        first != kept && Math.abs(first - kept) <= Math.abs(first) / 256, first + " " + kept);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void load_valueThatIsNotFinite_isRefused(float value) throws IOException {
    weights.get("lm_head.weight")[5] = value;
    Model.save(folder, weights, Map.of());
    String wrong = "tensor lm_head.weight has the value %s at 5; weights must be finite";
    assertTrue(refused().contains(wrong.formatted(value)), refused());
  }

  @Test
  void load_noConfig_saysSo() throws IOException {
    Files.delete(folder.resolve(Model.CONFIG_FILE));
    assertTrue(refused().contains("config.json: does not exist"), refused());
  }

  @Test
  void load_badConfig_namesTheKey() throws IOException {
    Files.writeString(folder.resolve(Model.CONFIG_FILE), "{\"H_cycles\": 0}");
    assertTrue(refused().contains("H_cycles is 0"), refused());
  }

  @Test
  void load_noWeights_saysSo() throws IOException {
    Files.delete(folder.resolve(Model.WEIGHTS_FILE));
    assertTrue(refused().contains(Model.WEIGHTS_FILE), refused());
  }

  @Test
  void load_truncatedWeights_saysSo() throws IOException {
    Path file = folder.resolve(Model.WEIGHTS_FILE);
    byte[] bytes = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
    assertTrue(refused().contains(Model.WEIGHTS_FILE), refused());
  }

  @Test
  void load_otherShape_namesTensorAndShapes() throws IOException {
    Files.writeString(
        folder.resolve(Model.CONFIG_FILE),
        TINY.replace("\"vocab_size\": 6", "\"vocab_size\": 7") + "}");
    assertTrue(
        refused().contains("embed_tokens.embedding_weight has shape [6, 32], but the config asks"),
        refused());
  }

  @Test
  void load_missingTensor_isNamed() throws IOException {
    Path file = folder.resolve(Model.WEIGHTS_FILE);
    Map<String, HostTensor> tensors = new LinkedHashMap<>(SafeTensors.read(file));
    tensors.remove(Weights.PREFIX + "q_head.bias");
    SafeTensors.write(file, tensors, Map.of());
    assertTrue(refused().contains("has no tensor q_head.bias"), refused());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ", \"puzzle_emb_ndim\": 0",
        ", \"puzzle_emb_ndim\": 40",
        ", \"puzzle_emb_ndim\": 8, \"puzzle_emb_len\": 3, \"num_puzzle_identifiers\": 5",
        ", \"pos_encodings\": \"learned\"",
        ", \"pos_encodings\": \"none\"",
        ", \"H_mlp_t\": true",
        ", \"L_mlp_t\": true, \"pos_encodings\": \"learned\"",
        ", \"num_heads\": 16",
        ", \"num_heads\": 1, \"H_cycles\": 3, \"L_cycles\": 1",
      })
  void segment_ofAnyArchitecture_isTheSameOnBothBackends(String more) {
    HrmConfig c = HrmConfig.parse(TINY + more + "}");
    Weights random = Weights.random(c, 11);
    if (c.puzzleEmbNdim() > 0) {
      Arrays.fill(random.get("puzzle_emb.weights"), 0.3f);
    }
    assertArrayEquals(zH(random, GoldenTest.REFERENCE), zH(random, GoldenTest.ND4J), 2e-5f, more);
  }

  private static float[] zH(Weights weights, Backend backend) {
    HrmConfig c = weights.config();
    try (HighLevel high = new HighLevel(c, weights, backend.open());
        LowLevel low = new LowLevel(c, weights, backend.open())) {
      int[][] tokens = new int[3][c.seqLen()];
      for (int i = 0; i < c.seqLen(); i++) {
        tokens[0][i] = 1 + i % 5;
        tokens[1][i] = 1 + i * 3 % 5;
        tokens[2][i] = 1;
      }
      int[] ids = {0, c.numPuzzleIdentifiers() - 1, 0};
      Hrm.Segment segment =
          new Hrm(high, low, c)
              .segment(high.seat(null, new int[] {-1, -1, -1}), high.embed(tokens, ids));
      return GoldenTest.host(segment.carry().zH());
    }
  }
}
