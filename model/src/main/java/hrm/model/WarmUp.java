package hrm.model;

import java.time.Duration;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Segments that are thought before jobs come, so that none of these waits while a backend compiles
 * its kernels and tries its algorithms.
 */
public final class WarmUp {
  private WarmUp() {}

  /**
   * A segment of so many blank puzzles, one of a single one, then of each number between: a backend
   * chooses its algorithms for each number of rows.
   *
   * @param patience after which no further number is begun, beyond the first two
   * @return how many numbers of rows were tried
   * @throws DeviceMemoryException when not even one row has room
   */
  public static int run(Model model, Backend backend, int most, Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    int tried = 0;
    try (HighLevel high = model.highLevel(backend);
        LowLevel low = model.lowLevel(backend)) {
      Hrm hrm = new Hrm(high, low, model.config());
      for (int rows : order(most)) {
        if (tried >= 2 && System.nanoTime() - end > 0) {
          break;
        }
        segment(hrm, high, model.config(), rows);
        tried++;
      }
    }
    return tried;
  }

  private static int[] order(int most) {
    return IntStream.concat(IntStream.of(most), IntStream.range(1, most)).toArray();
  }

  private static void segment(Hrm hrm, HighLevel high, HrmConfig c, int rows) {
    int[] fresh = new int[rows];
    Arrays.fill(fresh, -1);
    try (HiddenState inputs = high.embed(new int[rows][c.seqLen()], new int[rows]);
        Carry none = high.seat(null, fresh)) {
      hrm.segment(none, inputs).carry().close();
    }
  }
}
