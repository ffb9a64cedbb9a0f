package hrm.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import hrm.model.optim.Optimizer;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A run that is stopped and resumed is the run that was left alone. */
class ResumeTest {
  private static final HrmConfig CONFIG =
      HrmConfig.parse(
          "{\"seq_len\": 16, \"vocab_size\": 6, \"hidden_size\": 32, \"num_heads\": 4,"
              + " \"H_layers\": 1, \"L_layers\": 1, \"halt_max_steps\": 3}");

  private static Learner learner() {
    return new Learner(
        CONFIG,
        Weights.random(CONFIG, 1),
        new Learner.Options(
            4,
            3,
            Loss.Type.STABLEMAX,
            0,
            true,
            new Optimizer.Options(Optimizer.Kind.ADAM_ATAN2, 0.1, 0.1, 0.9, 0.95, 0.9),
            0.1,
            0.9,
            true,
            0.1,
            5),
        GoldenTest.ND4J.open());
  }

  private static void steps(Learner learner, int from, int to) {
    for (int step = from; step <= to; step++) {
      int now = step;
      learner.step(
          (row, inputs, labels) -> {
            SplittableRandom random = new SplittableRandom(1000L * now + row);
            for (int i = 0; i < inputs.length; i++) {
              inputs[i] = random.nextInt(1, 6);
              labels[i] = random.nextInt(2, 6);
            }
            return 0;
          },
          new Learner.Exploration() {
            @Override
            public double uniform(int row) {
              return row == 1 ? 0 : 1;
            }

            @Override
            public int minimum(int row) {
              return 2;
            }
          },
          new Optimizer.Rates(1e-2, 1e-2, 1e-2));
    }
  }

  @Test
  void restore_ofASnapshot_endsInTheSameBits() {
    try (Learner alone = learner();
        Learner stopped = learner();
        Learner resumed = learner()) {
      steps(alone, 1, 7);
      steps(stopped, 1, 4);
      Map<String, float[]> snapshot = stopped.snapshot();
      resumed.restore(snapshot);
      steps(resumed, 5, 7);
      Map<String, float[]> expected = alone.snapshot();
      Map<String, float[]> actual = resumed.snapshot();
      expected.forEach((name, data) -> assertArrayEquals(data, actual.get(name), name));
    }
  }
}
