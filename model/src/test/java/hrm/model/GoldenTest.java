package hrm.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import hrm.model.cpu.Nd4jBackend;
import hrm.model.reference.ReferenceBackend;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The model against the published implementation, per segment and per tick, on every backend. */
class GoldenTest {
  static final Backend ND4J = new Nd4jBackend(2);
  static final Backend REFERENCE = new ReferenceBackend();

  static Stream<Backend> backends() {
    return Stream.of(ND4J, REFERENCE, new hrm.model.nd4j.ArrayBackend());
  }

  static Hrm hrm(Backend backend, Weights weights) {
    HrmConfig c = weights.config();
    return new Hrm(
        new HighLevel(c, weights, backend.open()), new LowLevel(c, weights, backend.open()), c);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void tinyEval_fourSegments_equalsReference(Backend backend) {
    Weights weights = Fixtures.recipe("tiny_recipe.json");
    check(backend, weights, "tiny_eval.safetensors", 4, new double[] {5e-5, 5e-5, 5e-5, 5e-5}, 1);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void fullEval_fourSegments_equalsReference(Backend backend) {
    Weights weights = Fixtures.recipe("full_recipe.json");
    // The reference backend takes seconds a segment at this size: one is enough for it.
    double[] tolerances =
        backend == REFERENCE ? new double[] {3e-5} : new double[] {3e-5, 1e-4, 3e-4, 1e-3};
    check(backend, weights, "full_eval.safetensors", 2, tolerances, 61);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void trmMixer_twoSegments_equalsReference(Backend backend) {
    Weights weights = Fixtures.recipe("trm_tiny_mlp.json");
    // The golden float32 itself is 3.4e-5 and 8.8e-4 from a float64 run after segments 0 and 1.
    check(backend, weights, "trm_tiny_mlp_eval.safetensors", 4, new double[] {1e-4, 2e-3}, 1);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void trmAttention_twoSegments_equalsReference(Backend backend) {
    Weights weights = Fixtures.recipe("trm_tiny_att.json");
    check(backend, weights, "trm_tiny_att_eval.safetensors", 4, new double[] {5e-5, 5e-5}, 1);
  }

  static void check(
      Backend backend, Weights weights, String file, int batch, double[] tolerances, int stride) {
    HrmConfig c = weights.config();
    Fixtures golden = Fixtures.safetensors(file);
    Fixtures batchOf =
        golden.arrays().containsKey("batch.inputs")
            ? golden
            : Fixtures.safetensors("tiny_eval.safetensors");
    HighLevel high = new HighLevel(c, weights, backend.open());
    LowLevel low = new LowLevel(c, weights, backend.open());
    Hrm hrm = new Hrm(high, low, c);
    int[] fresh = new int[batch];
    java.util.Arrays.fill(fresh, -1);
    Carry carry = high.seat(null, fresh);
    HiddenState inputs =
        high.embed(batchOf.rows("batch.inputs", batch), batchOf.ints("batch.puzzle_identifiers"));
    for (int s = 0; s < tolerances.length; s++) {
      Hrm.Segment segment = hrm.segment(carry, inputs);
      carry = segment.carry();
      String at = backend.name() + " " + file + " seg" + s;
      String suffix = stride == 1 ? "" : "_stride" + stride;
      close(
          at + " z_H",
          golden.get("seg" + s + ".z_H" + suffix),
          host(carry.zH()),
          stride,
          tolerances[s]);
      close(
          at + " z_L",
          golden.get("seg" + s + ".z_L" + suffix),
          host(carry.zL()),
          stride,
          tolerances[s]);
      close(
          at + " logits",
          golden.get("seg" + s + ".logits"),
          segment.heads().logits(),
          1,
          tolerances[s]);
      close(
          at + " q_halt",
          golden.get("seg" + s + ".q_halt"),
          segment.heads().qHalt(),
          1,
          tolerances[s]);
    }
  }

  static float[] host(HiddenState z) {
    float[] values = new float[z.batch() * z.sequence() * z.hidden()];
    z.read(values);
    return values;
  }

  static void close(String what, double[] golden, float[] ours, int stride, double tolerance) {
    assertEquals(golden.length, (ours.length + stride - 1) / stride, what + " length");
    double worst = 0;
    for (int i = 0; i < golden.length; i++) {
      worst = Math.max(worst, Math.abs(golden[i] - ours[i * stride]));
    }
    System.out.printf("%s worst %.3g%n", what, worst);
    assertEquals(0, worst, tolerance, what);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void tinyEval_everyTick_hasTheReferencesResidual(Backend backend) {
    ticks(backend, "tiny_recipe.json", "tiny_eval", 4, 4, 1e-3);
  }

  @Test
  void fullEval_everyTick_hasTheReferencesResidual() {
    ticks(ND4J, "full_recipe.json", "full_eval", 2, 4, 2e-2);
  }

  private static void ticks(
      Backend backend, String recipe, String name, int batch, int segments, double tolerance) {
    Weights weights = Fixtures.recipe(recipe);
    HrmConfig c = weights.config();
    Fixtures golden = Fixtures.safetensors(name + ".safetensors");
    JsonArray records = Fixtures.json(name + "_ticks.json").getAsJsonArray("ticks");
    HighLevel high = new HighLevel(c, weights, backend.open());
    Hrm hrm = new Hrm(high, new LowLevel(c, weights, backend.open()), c);
    int[] fresh = new int[batch];
    java.util.Arrays.fill(fresh, -1);
    Carry carry = high.seat(null, fresh);
    HiddenState inputs =
        high.embed(golden.rows("batch.inputs", batch), golden.ints("batch.puzzle_identifiers"));
    int[] at = {0};
    for (int s = 0; s < segments; s++) {
      carry =
          hrm.segment(
                  carry,
                  inputs,
                  (ticks, before, after) -> {
                    for (float[] residuals : ticks.residuals()) {
                      same(records.get(at[0]++).getAsJsonObject(), "L_level", residuals, tolerance);
                    }
                    same(
                        records.get(at[0]++).getAsJsonObject(),
                        "H_level",
                        high.residuals(before, after),
                        tolerance);
                  })
              .carry();
    }
    assertEquals(records.size(), at[0]);
  }

  private static void same(JsonObject record, String module, float[] residuals, double tolerance) {
    assertEquals(module, record.get("module").getAsString());
    for (int b = 0; b < residuals.length; b++) {
      assertEquals(record.getAsJsonArray("residual").get(b).getAsDouble(), residuals[b], tolerance);
    }
  }
}
