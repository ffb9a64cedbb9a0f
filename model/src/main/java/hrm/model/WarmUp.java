package hrm.model;

import java.util.Arrays;

/**
 * A segment that is thought before jobs come, so that none of these waits while a backend compiles
 * its kernels and tries its algorithms.
 */
public final class WarmUp {
  private WarmUp() {}

  /**
   * A segment of blank puzzles.
   *
   * @param rows puzzles at once; algorithms are chosen for each number of rows
   * @throws DeviceMemoryException when not even one row has room
   */
  public static void run(Model model, Backend backend, int rows) {
    HrmConfig c = model.config();
    int[] fresh = new int[rows];
    Arrays.fill(fresh, -1);
    try (HighLevel high = model.highLevel(backend);
        LowLevel low = model.lowLevel(backend);
        HiddenState inputs = high.embed(new int[rows][c.seqLen()], new int[rows])) {
      Hrm hrm = new Hrm(high, low, c);
      try (Carry none = high.seat(null, fresh)) {
        hrm.segment(none, inputs).carry().close();
      }
    }
  }
}
