package hrm.model;

import hrm.model.cuda.CudaBackend;
import hrm.model.cuda.CudaOptions.Precision;
import hrm.model.optim.Optimizer;
import hrm.model.reference.ReferenceBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Training steps on a GPU against the reference's. */
final class CudaTraining {
  private final CudaReport report;

  CudaTraining(CudaReport report) {
    this.report = report;
  }

  /** Three steps against the reference's, with exponential average and the whole last cycle. */
  void steps(boolean full) {
    Weights mixer = Fixtures.recipe("trm_tiny_mlp.json");
    Weights attention = Fixtures.recipe("tiny_recipe.json");
    compareTraining("muon mixer", mixer, Optimizer.Kind.MUON, true);
    compareTraining("adam-atan2 attention", attention, Optimizer.Kind.ADAM_ATAN2, false);
    if (full) {
      compareTraining("adam-atan2 mixer", mixer, Optimizer.Kind.ADAM_ATAN2, true);
      compareTraining("muon attention", attention, Optimizer.Kind.MUON, false);
      compareTraining("adamw attention", attention, Optimizer.Kind.ADAMW, true);
    }
  }

  private void compareTraining(
      String what, Weights weights, Optimizer.Kind kind, boolean lastCycle) {
    List<Double> losses = new ArrayList<>();
    Weights golden = train(new ReferenceBackend(), weights, kind, lastCycle, losses);
    List<Double> ours = new ArrayList<>();
    CudaBackend cuda = CudaCheck.backend(Precision.FLOAT32, true);
    Weights trained = train(cuda, weights, kind, lastCycle, ours);
    for (int i = 0; i < losses.size(); i++) {
      report.within(
          what + " loss of step " + (i + 1), Math.abs(losses.get(i) / ours.get(i) - 1), 0.01);
    }
    double off = 0;
    double moved = 0;
    for (String name : golden.tensors().keySet()) {
      float[] to = golden.get(name);
      float[] from = weights.get(name);
      float[] got = trained.get(name);
      for (int i = 0; i < to.length; i++) {
        off += Math.pow(to[i] - got[i], 2);
        moved += Math.pow(to[i] - from[i], 2);
      }
    }
    report.within(what + " update, relative", Math.sqrt(off / moved), 0.05);
    report.that(what + " frees all", cuda.blocks() == 0, cuda.blocks() + " left");
    List<Double> half = new ArrayList<>();
    train(CudaCheck.backend(Precision.BFLOAT16, true), weights, kind, lastCycle, half);
    for (int i = 0; i < losses.size(); i++) {
      report.within(
          what + " bf16 loss of step " + (i + 1), Math.abs(losses.get(i) / half.get(i) - 1), 0.15);
    }
  }

  private static Weights train(
      Backend backend,
      Weights weights,
      Optimizer.Kind kind,
      boolean lastCycle,
      List<Double> losses) {
    HrmConfig c = weights.config();
    Learner.Options options =
        new Learner.Options(
            3,
            2,
            Loss.Type.STABLEMAX,
            0.1,
            lastCycle,
            new Optimizer.Options(kind, 0.1, 0.1, 0.9, 0.95, 0.95),
            0.1,
            0.9,
            false,
            0,
            1);
    Random random = new Random(3);
    try (Learner learner = new Learner(c, weights, options, backend.open())) {
      for (int step = 0; step < 3; step++) {
        Learner.Metrics metrics =
            learner.step(
                (row, inputs, labels) -> {
                  for (int i = 0; i < inputs.length; i++) {
                    inputs[i] = random.nextInt(c.vocabSize());
                    labels[i] = random.nextInt(c.vocabSize());
                  }
                  return 0;
                },
                Learner.Exploration.NEVER,
                new Optimizer.Rates(1e-3, 1e-3, 1e-3));
        losses.add(metrics.loss());
      }
      return learner.weights(true);
    }
  }
}
