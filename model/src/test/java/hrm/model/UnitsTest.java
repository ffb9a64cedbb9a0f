package hrm.model;

import static hrm.model.GoldenTest.close;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Single operations against the published implementation's values. */
class UnitsTest {
  private static final Fixtures UNITS = Fixtures.safetensors("units_optim_loss.safetensors");

  static Stream<Backend> backends() {
    return GoldenTest.backends();
  }

  private static Block block(Kernels k, double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    Block block = k.allocate(floats.length);
    block.write(0, floats, 0, floats.length);
    return block;
  }

  private static float[] host(Block block) {
    float[] values = new float[(int) block.length()];
    block.read(0, values, 0, values.length);
    return values;
  }

  @ParameterizedTest
  @MethodSource("backends")
  void adamATan2_fiveSteps_equalReference(Backend backend) {
    Kernels k = backend.open();
    Block p = block(k, UNITS.get("adam.p0"));
    int n = (int) p.length();
    Block m = k.allocate(n);
    Block v = k.allocate(n);
    for (int t = 1; t <= 5; t++) {
      Kernels.AdamStep step = new Kernels.AdamStep(1e-2f, 0.5f, 0.9f, 0.95f, t);
      k.adamATan2(p, block(k, UNITS.get("adam.g" + t)), m, v, n, step, 1f);
      close("adam.p" + t, UNITS.get("adam.p" + t), host(p), 1, 2e-7);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void adamATan2_squareUnderflows_stepsAQuarterTurn(Backend backend) {
    Kernels k = backend.open();
    double[] golden = UNITS.get("adam.zero_grad_case_p1");
    Block p = k.allocate(3);
    Kernels.AdamStep step = new Kernels.AdamStep(1e-2f, 0.5f, 0.9f, 0.95f, 1);
    Block g = block(k, new double[] {0, 1e-30, -3});
    k.adamATan2(p, g, k.allocate(3), k.allocate(3), 3, step, 1f);
    close("zero gradient", golden, host(p), 1, 2e-7);
  }

  @ParameterizedTest
  @EnumSource(Loss.Type.class)
  void crossEntropy_andItsGradient_equalReference(Loss.Type type) {
    String name = "loss." + type.name().toLowerCase(java.util.Locale.ROOT);
    int[][] labels = UNITS.rows("loss.labels", 3);
    Kernels k = GoldenTest.ND4J.open();
    Block logits = block(k, UNITS.get("loss.logits"));
    Block dLogits = k.allocate(logits.length());
    Block seen = k.allocate(9);
    k.cellLoss(
        logits,
        Embedding.flat(labels),
        dLogits,
        seen,
        new Loss.Cells(type, 0, 1),
        new Kernels.Look(3, 5, 0, 0, 6));
    float[] gradient = host(dLogits);
    double loss = host(seen)[0] + host(seen)[3] + host(seen)[6];
    double[] each = UNITS.get(name);
    double expected = 0;
    double[] slope = UNITS.get(name + "_grad").clone();
    for (int b = 0; b < 3; b++) {
      long count = Arrays.stream(labels[b]).filter(label -> label != Loss.IGNORED).count();
      for (int s = 0; s < 5; s++) {
        expected += each[b * 5 + s] / Math.max(1, count);
        for (int v = 0; v < 6; v++) {
          slope[(b * 5 + s) * 6 + v] /= Math.max(1, count);
        }
      }
    }
    assertEquals(expected, loss, 1e-6);
    close(name + "_grad", slope, gradient, 1, 1e-6);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void firstBlockOfTheFirstTick_equalsReference(Backend backend) {
    Fixtures units = Fixtures.safetensors("tiny_units.safetensors");
    Weights weights = Fixtures.recipe("tiny_recipe.json");
    HrmConfig c = weights.config();
    Kernels k = backend.open();
    Block rope = Rope.table(k, c);
    float[] table = host(rope);
    int half = table.length / 2;
    close("cos", units.get("rope_cos"), Arrays.copyOf(table, half), 1, 1e-6);
    close("sin", units.get("rope_sin"), Arrays.copyOfRange(table, half, 2 * half), 1, 1e-6);
    Resident resident = new Resident(k, weights);
    Layer layer = new Layer(c, false, "L_level.layers.0.", resident::get, rope);
    Layer.Activations a = new Layer.Activations(k, c, false, 1, false);
    layer.forward(k, block(k, units.get("x")), a.y2, a, 1);
    close("qkv", units.get("qkv"), host(a.mixed), 1, 1e-5);
    close("after_attn_norm", units.get("after_attn_norm"), host(a.y1), 1, 1e-5);
    close("gate_up", units.get("gate_up"), host(a.gateUp), 1, 1e-5);
    close("mlp_out", units.get("mlp_out"), host(a.projected), 1, 1e-5);
    close("block_out", units.get("block_out"), host(a.y2), 1, 1e-5);
  }

  @Test
  void inputEmbeddings_equalReference() {
    Fixtures units = Fixtures.safetensors("tiny_units.safetensors");
    Fixtures eval = Fixtures.safetensors("tiny_eval.safetensors");
    Weights weights = Fixtures.recipe("tiny_recipe.json");
    try (HighLevel high = new HighLevel(weights.config(), weights, GoldenTest.ND4J.open())) {
      HiddenState inputs = high.embed(new int[][] {eval.rows("batch.inputs", 4)[0]}, new int[] {0});
      close("input_embeddings", units.get("input_embeddings"), GoldenTest.host(inputs), 1, 1e-5);
    }
  }
}
