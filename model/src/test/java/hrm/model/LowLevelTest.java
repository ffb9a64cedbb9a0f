package hrm.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.reference.ReferenceBackend;
import org.junit.jupiter.api.Test;

class LowLevelTest {
  private final Weights weights = Fixtures.recipe("tiny_recipe.json");

  @Test
  void residuals_areHadForASegmentsCycles_andForGoodOnceRead() {
    try (CudaSession s = new CudaSession(new ReferenceBackend(), weights)) {
      HiddenState z = s.high.seat(null, new int[] {-1, -1}).zL();
      LowLevel.Ticks first = s.low.cycle(z, z);
      float[][] read = first.residuals();
      assertEquals(weights.config().lCycles(), read.length);
      assertTrue(read[0].length == 2 && read[0][0] > 0);
      LowLevel.Ticks second = s.low.cycle(first.zL(), z);
      LowLevel.Ticks third = s.low.cycle(second.zL(), z);
      LowLevel.Ticks fourth = s.low.cycle(third.zL(), z);
      assertEquals(2, weights.config().hCycles());
      assertArrayEquals(read, first.residuals());
      assertThrows(IllegalStateException.class, second::residuals);
      assertTrue(third.residuals()[0][0] != read[0][0]);
      assertTrue(fourth.residuals()[0][0] != third.residuals()[0][0]);
    }
  }

  @Test
  void residuals_readWithTheHeads_areThoseOfEachCycle() {
    assertTrue(CudaSession.residualsAgree(new ReferenceBackend(), 3, 2));
  }
}
