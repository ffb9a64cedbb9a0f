package hrm.model;

import static hrm.model.GoldenTest.close;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import hrm.model.host.Host;
import hrm.model.optim.Optimizer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The training step against the published one: losses, gradients, parameters, carry. */
class LearnerTest {
  static Stream<Backend> backends() {
    return GoldenTest.backends();
  }

  private static Learner learner(
      Backend backend, Weights weights, JsonObject hyper, int batch, Loss.Type loss) {
    return new Learner(
        weights.config(),
        weights,
        new Learner.Options(
            batch,
            weights.config().haltMaxSteps(),
            loss,
            0,
            false,
            new Optimizer.Options(
                Optimizer.Kind.ADAM_ATAN2,
                hyper.get("weight_decay").getAsDouble(),
                0,
                hyper.get("beta1").getAsDouble(),
                hyper.get("beta2").getAsDouble(),
                0),
            hyper.get("puzzle_emb_weight_decay").getAsDouble(),
            0,
            false,
            0,
            0),
        backend.open());
  }

  private static Optimizer.Rates rates(double lr, double puzzle) {
    return new Optimizer.Rates(lr, lr, puzzle);
  }

  private static Learner.Source source(Fixtures batch, int step, int size) {
    String at = batch.arrays().containsKey("step1.batch.inputs") ? "step" + step + "." : "";
    int[][] inputs = batch.rows(at + "batch.inputs", size);
    int[][] labels = batch.rows(at + "batch.labels", size);
    int[] ids = batch.ints(at + "batch.puzzle_identifiers");
    return (row, in, out) -> {
      System.arraycopy(inputs[row], 0, in, 0, in.length);
      System.arraycopy(labels[row], 0, out, 0, out.length);
      return ids[row];
    };
  }

  private static Learner.Exploration exploration(JsonObject step) {
    JsonArray uniform = step.getAsJsonArray("explore_rand");
    JsonArray minimum = step.getAsJsonArray("explore_randint");
    return new Learner.Exploration() {
      @Override
      public double uniform(int row) {
        return uniform.get(row).getAsDouble();
      }

      @Override
      public int minimum(int row) {
        return minimum.get(row).getAsInt();
      }
    };
  }

  @ParameterizedTest
  @MethodSource("backends")
  void tinyTraining_fourSteps_equalsReference(Backend backend) {
    JsonObject log = Fixtures.json("tiny_train_log.json");
    Fixtures golden = Fixtures.safetensors("tiny_train.safetensors");
    Weights weights = Fixtures.recipe("tiny_recipe.json");
    HrmConfig c = weights.config();
    int p = c.puzzleEmbLen() * c.vocabSize();
    try (Learner learner =
        learner(backend, weights, log.getAsJsonObject("hyper"), 4, Loss.Type.STABLEMAX)) {
      for (int s = 1; s <= 4; s++) {
        JsonObject step = log.getAsJsonArray("steps").get(s - 1).getAsJsonObject();
        Learner.Metrics metrics =
            learner.step(
                source(golden, s, 4),
                exploration(step),
                rates(step.get("lr").getAsDouble(), step.get("lr_puzzle").getAsDouble()));
        String at = "step" + s + ".";
        assertEquals(step.get("loss").getAsDouble(), metrics.loss(), 1e-4, at + "loss");
        close(at + "z_H", golden.get(at + "z_H"), Host.read(learner.rows.zH), 1, 1e-4);
        close(at + "z_L", golden.get(at + "z_L"), Host.read(learner.rows.zL), 1, 1e-4);
        for (int row = 0; row < 4; row++) {
          double halt = golden.get(at + "q_halt_logits")[row];
          double target = golden.get(at + "target_q_continue")[row];
          assertEquals(halt, learner.heads.qHalt(row), 1e-4, at + "q_halt");
          assertEquals(target, learner.heads.targetContinue(row), 1e-4, at + "target");
        }
        assertArrayEquals(
            new Gson().fromJson(step.get("halted"), boolean[].class), learner.rows.halted, at);
        float[] logits = learner.heads.logits();
        double[] cells = golden.get(at + "logits");
        for (int i = 0; i < cells.length; i++) {
          int row = i / (c.seqLen() * c.vocabSize());
          assertEquals(cells[i], logits[i + (row + 1) * p], 1e-4, at + "logits");
        }
        if (s == 1) {
          parameters(learner, golden("tiny_train_step1_sampled.safetensors"), 4096, 13, 2e-6, 2e-7);
        }
      }
    }
  }

  @Test
  void fullTraining_oneStep_equalsReference() {
    Backend backend = GoldenTest.ND4J;
    JsonObject log = Fixtures.json("full_train_log.json");
    Fixtures golden = golden("full_train_step1_sampled.safetensors");
    Weights weights = Fixtures.recipe("full_recipe.json");
    JsonObject step = log.getAsJsonArray("steps").get(0).getAsJsonObject();
    try (Learner learner =
        learner(backend, weights, log.getAsJsonObject("hyper"), 2, Loss.Type.STABLEMAX)) {
      Fixtures batch =
          golden.arrays().containsKey("batch.inputs")
              ? golden
              : Fixtures.safetensors("full_eval.safetensors");
      Learner.Metrics metrics =
          learner.step(
              source(batch, 1, 2),
              exploration(step),
              rates(step.get("lr").getAsDouble(), step.get("lr_puzzle").getAsDouble()));
      assertEquals(step.get("loss").getAsDouble(), metrics.loss(), 1e-4);
      // q_head's gradient is z_H times a factor, and z_H may differ by 3e-5 at this size.
      parameters(learner, golden, 2048, 997, 1e-5, 2e-7);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void softmaxLoss_oneStep_hasTheReferencesGradientNorms(Backend backend) {
    JsonObject softmax = Fixtures.json("tiny_train_softmax_step1.json");
    JsonObject log = Fixtures.json("tiny_train_log.json");
    JsonObject step = log.getAsJsonArray("steps").get(0).getAsJsonObject();
    Fixtures golden = Fixtures.safetensors("tiny_train.safetensors");
    Weights weights = Fixtures.recipe("tiny_recipe.json");
    try (Learner learner =
        learner(backend, weights, log.getAsJsonObject("hyper"), 4, Loss.Type.SOFTMAX)) {
      Learner.Metrics metrics =
          learner.step(source(golden, 1, 4), exploration(step), rates(1e-4, 1e-4));
      assertEquals(softmax.get("loss").getAsDouble(), metrics.loss(), 1e-5);
      JsonObject norms = softmax.getAsJsonObject("grad_norm");
      for (String name : norms.keySet()) {
        double sum = 0;
        for (float g : learner.gradient(name)) {
          sum += (double) g * g;
        }
        assertEquals(norms.get(name).getAsDouble(), Math.sqrt(sum), 1e-5, name);
      }
    }
  }

  static Stream<Arguments> trm() {
    return GoldenTest.backends()
        .flatMap(b -> Stream.of(Arguments.of(b, "att"), Arguments.of(b, "mlp")));
  }

  /** TRM: one net for both levels, gradient through the last cycle, no continue loss. */
  @ParameterizedTest
  @MethodSource("trm")
  void trmTraining_oneStep_hasTheReferencesLossAndGradients(Backend backend, String variant) {
    JsonObject golden = Fixtures.json("trm_tiny_" + variant + ".json");
    Weights weights = Fixtures.recipe("trm_tiny_" + variant + ".json");
    Fixtures batch = Fixtures.safetensors("tiny_eval.safetensors");
    Learner.Options options =
        new Learner.Options(
            4,
            weights.config().haltMaxSteps(),
            Loss.Type.STABLEMAX,
            0,
            true,
            new Optimizer.Options(Optimizer.Kind.ADAM_ATAN2, 0.1, 0, 0.9, 0.95, 0),
            0.1,
            0.999,
            false,
            0,
            0);
    try (Learner learner = new Learner(weights.config(), weights, options, backend.open())) {
      Learner.Metrics metrics =
          learner.step(source(batch, 1, 4), Learner.Exploration.NEVER, rates(1e-4, 1e-4));
      assertEquals(golden.get("loss").getAsDouble(), metrics.loss(), 1e-4);
      JsonObject norms = golden.getAsJsonObject("grad_norm");
      JsonObject sums = golden.getAsJsonObject("grad_sum");
      for (String name : norms.keySet()) {
        double square = 0;
        double sum = 0;
        for (float g : learner.gradient(name)) {
          square += (double) g * g;
          sum += g;
        }
        double norm = norms.get(name).getAsDouble();
        assertEquals(norm, Math.sqrt(square), 2e-5 * (1 + norm), name);
        assertEquals(sums.get(name).getAsDouble(), sum, 1e-4 * (1 + norm), name);
      }
    }
  }

  private static Fixtures golden(String name) {
    return Fixtures.safetensors(name);
  }

  private static void parameters(
      Learner learner, Fixtures golden, int whole, int stride, double gradient, double parameter) {
    Weights after = learner.weights(false);
    golden
        .arrays()
        .forEach(
            (key, values) -> {
              if (key.startsWith("grad.")) {
                String name = key.substring(5);
                float[] ours = learner.gradient(name);
                close(key, values, ours, ours.length > whole ? stride : 1, gradient);
              } else if (key.startsWith("param_after_step1.")) {
                float[] ours = after.get(key.substring("param_after_step1.".length()));
                close(key, values, ours, ours.length > whole ? stride : 1, parameter);
              }
            });
  }
}
