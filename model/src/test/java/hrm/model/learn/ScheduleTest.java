package hrm.model.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hrm.model.learn.Schedule.Depth;
import hrm.model.optim.Optimizer.Rates;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {
  private static final Depth WHOLE = new Depth(1, 3, 6);

  private static Schedule schedule(int warmUp, double floor, Depth... curriculum) {
    return new Schedule(110, new Rates(8, 4, 2), warmUp, floor, List.of(curriculum), WHOLE);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0.8", // a tenth of the way up
    "5, 4",
    "9, 7.2",
    "10, 8", // the peak
    "35, 7.121320", // 2 + 6 (1 + cos 45°) / 2
    "60, 5",
    "110, 2", // the floor, a quarter
    "200, 2"
  })
  void rate_climbsToItsPeak_andFallsToItsFloor(int step, double lr) {
    assertEquals(lr, schedule(10, 0.25).rates(step).lr(), 1e-6);
  }

  @Test
  void rates_areShares_ofTheirOwnPeaks() {
    Rates rates = schedule(10, 0.25).rates(60);
    assertEquals(5, rates.lr(), 1e-12);
    assertEquals(2.5, rates.rest(), 1e-12);
    assertEquals(1.25, rates.puzzle(), 1e-12);
  }

  @ParameterizedTest
  @CsvSource({"0, 1, 8", "0, 110, 8", "300, 30, 0.8", "300, 110, 2.933333", "110, 110, 8"})
  void rate_withoutWarmUpOrWithALongOne(int warmUp, int step, double lr) {
    assertEquals(lr, schedule(warmUp, 1).rates(step).lr(), 1e-6);
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "22, 1, 1", "23, 2, 3", "55, 2, 3", "56, 3, 6", "110, 3, 6"})
  void depth_isThatOfTheStretch_thenWhole(int step, int hCycles, int lCycles) {
    Depth depth = schedule(10, 1, new Depth(0.2, 1, 1), new Depth(0.5, 2, 3)).depth(step);
    assertEquals(hCycles, depth.H_cycles());
    assertEquals(lCycles, depth.L_cycles());
  }

  @Test
  void depth_withoutCurriculum_isWhole() {
    assertEquals(WHOLE, schedule(10, 1).depth(1));
  }
}
