package hrm.model.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.Backends;
import hrm.model.HrmConfig;
import hrm.model.Model;
import hrm.model.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run that begins from the weights of a model. */
class TrainingBeginTest {
  /** Moves so little that the weights after a step are those it began from. */
  private static final double STILL = 1e-12;

  private static final String ARCH =
      "\"puzzle\": \"sudoku-4x4\", \"seq_len\": 16, \"vocab_size\": 6, \"hidden_size\": 32, \"H_layers\": 1, ";
  private static final String LAYERS = "\"L_layers\": 2";

  @TempDir Path folder;

  private static TrainSettings settings(int hidden, double rate, int seed) {
    return TrainSettings.parse(
        """
        {"arch": {"puzzle": "sudoku-4x4", "seq_len": 16, "vocab_size": 6, "puzzle_emb_ndim": 0,
                  "hidden_size": %d, "num_heads": 4, "H_layers": 1, "L_layers": 1,
                  "halt_max_steps": 2, "no_ACT_continue": true},
         "train": {"examples": 20, "validation": 4, "batch": 4, "steps": 1, "lr": %s,
                   "lr_warmup_steps": 1, "weight_decay": 0, "ema": 0, "seed": %d}}
        """
            .formatted(hidden, rate, seed));
  }

  private void run(TrainSettings settings, Path out) throws IOException {
    new Training(settings, out, Backends.named("reference", 1), new Silent()).run(60);
  }

  private Path other() throws IOException {
    Path other = folder.resolve("other");
    run(settings(32, 0.01, 1), other);
    return other;
  }

  @Test
  void beginsFromTheWeightsOfAModel() throws IOException {
    Path other = other();
    TrainSettings settings = settings(32, STILL, 2);
    settings.weights(other.toString());
    Path out = folder.resolve("out");
    run(settings, out);
    Model expected = Model.load(other);
    Model actual = Model.load(out);
    expected
        .weights()
        .tensors()
        .forEach((name, data) -> assertArrayEquals(data, actual.weights().get(name), 1e-6f, name));
    assertTrue(Files.readString(out.resolve("README.md")).contains("the weights of `other`"));
  }

  @Test
  void aRunThatGoesOnDoesNotBeginAgain() throws IOException {
    Path other = other();
    TrainSettings settings = settings(32, STILL, 2);
    settings.weights(other.toString());
    Path out = folder.resolve("out");
    run(settings, out);
    Files.delete(other.resolve(Model.WEIGHTS_FILE));
    settings.steps(2);
    run(settings, out);
    assertTrue(Files.readString(out.resolve("log.jsonl")).contains("\"step\":2"));
  }

  @Test
  void aModelOfAnotherSizeIsRefused() throws IOException {
    Path other = other();
    TrainSettings settings = settings(64, STILL, 2);
    settings.weights(other.toString());
    Path out = folder.resolve("out");
    Exception e = assertThrows(IllegalArgumentException.class, () -> run(settings, out));
    assertEquals(
        "train.weights: %s does not fit arch: tensor H_init has shape [32], but arch asks for [64]; use the arch of its config.json"
            .formatted(other),
        e.getMessage());
  }

  /** Refuses to begin an arch with these keys from a model of two L layers with attention. */
  private String refused(String keys) throws IOException {
    Path other = folder.resolve("other");
    Model.save(
        other, Weights.random(HrmConfig.parse("{%s%s}".formatted(ARCH, LAYERS)), 1), Map.of());
    TrainSettings settings =
        TrainSettings.parse("{\"arch\": {%s%s}, \"train\": {}}".formatted(ARCH, keys));
    settings.weights(other.toString());
    return assertThrows(IllegalArgumentException.class, settings::begin).getMessage();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"L_layers\": 1|it has the tensor L_level.layers.1.self_attn.qkv_proj.weight, which arch has no place for",
        "\"L_layers\": 3|it has no tensor L_level.layers.2.self_attn.qkv_proj.weight, which arch asks for",
        "\"L_layers\": 2, \"swiglu_norm\": true|its swiglu_norm is false, but arch's is true",
        "\"L_layers\": 2, \"num_heads\": 4|its num_heads is 8, but arch's is 4",
        "\"L_layers\": 2, \"pos_encodings\": \"none\"|its pos_encodings is rope, but arch's is none",
      })
  void aModelOfAnotherArchIsRefused(String keys, String why) throws IOException {
    assertEquals(
        "train.weights: %s does not fit arch: %s; use the arch of its config.json"
            .formatted(folder.resolve("other"), why),
        refused(keys));
  }

  private static final class Silent implements Training.Listener {
    @Override
    public void progress(Training.Progress progress) {}

    @Override
    public void evaluated(int step, double seconds, Evaluation evaluation, boolean best) {}

    @Override
    public void note(String text) {}
  }
}
