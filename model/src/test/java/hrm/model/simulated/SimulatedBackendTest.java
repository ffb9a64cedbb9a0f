package hrm.model.simulated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.Backend;
import hrm.model.Backends;
import hrm.model.Carry;
import hrm.model.Heads;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import hrm.model.Hrm;
import hrm.model.HrmConfig;
import hrm.model.LowLevel;
import hrm.model.Model;
import hrm.model.Weights;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class SimulatedBackendTest {
  private static final HrmConfig CONFIG =
      HrmConfig.parse(
          """
          {"seq_len": 16, "vocab_size": 6, "hidden_size": 32, "num_heads": 2, "H_layers": 1,
           "L_layers": 2, "H_cycles": 2, "L_cycles": 3, "puzzle": "sudoku-4x4"}
          """);
  private static final Duration TICK = Duration.ofMillis(2);

  private final Model model = new Model("m", CONFIG, Weights.random(CONFIG, 1), "");

  @Test
  void named_simulated_saysSoWhereverItShows() {
    Backend backend = Backends.named("simulated", 1, TICK);
    assertEquals("simulated", backend.name());
    assertTrue(backend.describe().startsWith("simulated: 2.0 ms"), backend.describe());
  }

  @Test
  void auto_neverChoosesIt() {
    assertNotEquals("simulated", Backends.named("auto", 1, TICK).name());
  }

  @Test
  void segment_waitsForEveryTickAndStep_andKeepsTheShapes() {
    Backend backend = new SimulatedBackend(TICK);
    try (HighLevel high = model.highLevel(backend);
        LowLevel low = model.lowLevel(backend)) {
      HiddenState inputs = high.embed(new int[3][16], new int[3]);
      Carry carry = high.seat(null, new int[] {-1, -1, -1});
      Hrm hrm = new Hrm(high, low, CONFIG);
      long begin = System.nanoTime();
      Hrm.Segment segment = hrm.segment(carry, inputs);
      long nanos = System.nanoTime() - begin;
      // 2 cycles of 3 ticks and a step; of each half's waits only the last may be late.
      assertTrue(nanos >= TICK.multipliedBy(8).toNanos(), nanos + " ns");
      assertEquals(3, segment.carry().zH().batch());
      Heads heads = segment.heads();
      assertArrayEquals(new int[16], heads.tokens(2));
      assertEquals(3, heads.qHalt().length);
    }
  }

  @Test
  void waits_takeTheirTimeOnTheWhole_howeverLateEachWas() {
    Pace pace = new Pace(TICK);
    long begin = System.nanoTime();
    for (int waits = 1; waits <= 20; waits++) {
      pace.await();
      assertTrue(System.nanoTime() - begin >= TICK.multipliedBy(waits).toNanos());
    }
  }
}
