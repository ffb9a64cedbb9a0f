package hrm.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hrm.model.optim.Optimizer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LearningRowsTest {
  private static final int BATCH = 40;

  @Test
  void refill_randomStates_areOthersForEveryRowAndStep() throws Exception {
    HrmConfig c =
        HrmConfig.parse(
            "{\"seq_len\": 4, \"vocab_size\": 6, \"puzzle_emb_ndim\": 0, \"hidden_size\": 8,"
                + " \"num_heads\": 2}");
    Learner.Options options =
        new Learner.Options(
            BATCH,
            4,
            Loss.Type.SOFTMAX,
            0,
            true,
            new Optimizer.Options(Optimizer.Kind.ADAMW, 0, 0, 0.9, 0.9, 0),
            0,
            0,
            true,
            0,
            5);
    try (Kernels k = Backends.named("reference", 1).open()) {
      LearningRows rows = new LearningRows(c, options, k);
      Block init = k.allocate(c.hiddenSize());
      Set<Integer> states = new HashSet<>();
      for (int t = 1; t <= 3; t++) {
        rows.refill((row, inputs, labels) -> 0, init, init, t);
        for (Block z : new Block[] {rows.zH, rows.zL}) {
          for (int b = 0; b < BATCH; b++) {
            float[] state = new float[4 * 8];
            z.read((long) b * state.length, state, 0, state.length);
            states.add(Arrays.hashCode(state));
          }
        }
      }
      assertEquals(3 * 2 * BATCH, states.size());
    }
  }
}
