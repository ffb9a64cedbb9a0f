package hrm.model;

import com.google.gson.JsonArray;
import hrm.model.cuda.CudaBackend;
import hrm.model.cuda.CudaOptions.Precision;
import java.util.ArrayList;
import java.util.List;

/** Whole segments on a GPU against the published implementation's values. */
final class CudaGoldens {
  private final CudaReport report;

  CudaGoldens(CudaReport report) {
    this.report = report;
  }

  void float32(boolean full) {
    CudaBackend cuda = CudaCheck.backend(Precision.FLOAT32, true);
    golden(cuda, "tiny_recipe.json", "tiny_eval", 4, 1, 5e-5, 5e-5, 5e-5, 5e-5);
    golden(cuda, "trm_tiny_mlp.json", "trm_tiny_mlp_eval", 4, 1, 1e-4, 2e-3);
    golden(cuda, "trm_tiny_att.json", "trm_tiny_att_eval", 4, 1, 5e-5, 5e-5);
    ticks(cuda, "tiny_recipe.json", "tiny_eval", 4, 1e-3);
    if (full) {
      golden(cuda, "full_recipe.json", "full_eval", 2, 61, 3e-5, 1e-4, 3e-4, 1e-3);
      ticks(cuda, "full_recipe.json", "full_eval", 2, 2e-2);
    }
    report.that("goldens free all", cuda.blocks() == 0, cuda.blocks() + " left");
  }

  /** Carry and heads after each segment. */
  private void golden(
      Backend backend, String recipe, String name, int batch, int stride, double... tolerances) {
    Weights weights = Fixtures.recipe(recipe);
    Fixtures golden = Fixtures.safetensors(name + ".safetensors");
    try (CudaSession s = new CudaSession(backend, weights)) {
      s.begin(golden, batch);
      for (int i = 0; i < tolerances.length; i++) {
        Heads heads = s.segment().heads();
        String at = backend.name() + " " + name + " seg" + i;
        String key = "seg" + i + ".";
        String suffix = stride == 1 ? "" : "_stride" + stride;
        report.within(
            at + " z_H", worst(golden.get(key + "z_H" + suffix), s.zH(), stride), tolerances[i]);
        report.within(
            at + " z_L", worst(golden.get(key + "z_L" + suffix), s.zL(), stride), tolerances[i]);
        report.within(
            at + " logits", worst(golden.get(key + "logits"), heads.logits(), 1), tolerances[i]);
        report.within(
            at + " q_halt", worst(golden.get(key + "q_halt"), heads.qHalt(), 1), tolerances[i]);
      }
    }
  }

  /** How far the states move in each call. */
  private void ticks(Backend backend, String recipe, String name, int batch, double tolerance) {
    JsonArray records = Fixtures.json(name + "_ticks.json").getAsJsonArray("ticks");
    double[] worst = {0};
    int[] at = {0};
    try (CudaSession s = new CudaSession(backend, Fixtures.recipe(recipe))) {
      s.begin(Fixtures.safetensors(name + ".safetensors"), batch);
      for (int i = 0; i < 4; i++) {
        s.segment(
            (ticks, before, after) -> {
              List<float[]> all = new ArrayList<>(List.of(ticks.residuals()));
              all.add(s.high.residuals(before, after));
              for (float[] residuals : all) {
                JsonArray golden =
                    records.get(at[0]++).getAsJsonObject().getAsJsonArray("residual");
                for (int b = 0; b < residuals.length; b++) {
                  double error = Math.abs(golden.get(b).getAsDouble() - residuals[b]);
                  worst[0] = error <= worst[0] ? worst[0] : error;
                }
              }
            });
      }
    }
    report.within(name + " residuals", worst[0], tolerance);
    report.that(name + " ticks", at[0] == records.size(), at[0] + " of " + records.size());
  }

  /**
   * The first segment in bfloat16: random weights amplify each rounding about threefold a segment.
   */
  void bfloat16(boolean full) {
    CudaBackend cuda = CudaCheck.backend(Precision.BFLOAT16, true);
    relative(cuda, "tiny_recipe.json", "tiny_eval", 4, 1, 0.1);
    relative(cuda, "trm_tiny_mlp.json", "trm_tiny_mlp_eval", 4, 1, 0.25);
    relative(cuda, "trm_tiny_att.json", "trm_tiny_att_eval", 4, 1, 0.1);
    if (full) {
      relative(cuda, "full_recipe.json", "full_eval", 2, 61, 0.1);
    }
  }

  private void relative(
      Backend backend, String recipe, String name, int batch, int stride, double tolerance) {
    Fixtures golden = Fixtures.safetensors(name + ".safetensors");
    try (CudaSession s = new CudaSession(backend, Fixtures.recipe(recipe))) {
      s.begin(golden, batch);
      s.segment();
      double[] expected = golden.get("seg0.z_H" + (stride == 1 ? "" : "_stride" + stride));
      float[] ours = s.zH();
      double error = 0;
      double size = 0;
      for (int i = 0; i < expected.length; i++) {
        error += Math.pow(expected[i] - ours[i * stride], 2);
        size += expected[i] * expected[i];
      }
      report.within("bf16 " + name + " rms of z_H", Math.sqrt(error / size), tolerance);
    }
  }

  private static double worst(double[] golden, float[] ours, int stride) {
    double worst = golden.length == (ours.length + stride - 1) / stride ? 0 : Double.NaN;
    for (int i = 0; i < golden.length && !Double.isNaN(worst); i++) {
      double error = Math.abs(golden[i] - ours[i * stride]);
      worst = error <= worst ? worst : error;
    }
    return worst;
  }
}
