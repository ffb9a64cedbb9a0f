package hrm.model.bench;

import com.sun.management.ThreadMXBean;
import hrm.model.Backend;
import hrm.model.Carry;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import hrm.model.Hrm;
import hrm.model.HrmConfig;
import hrm.model.LowLevel;
import hrm.model.Model;
import hrm.model.Weights;
import hrm.model.cpu.Roof;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * The bare engine: full-size HRM, random weights, one segment after another, beside the sgemm roof
 * measured in turn with it, so that both see the same machine.
 */
public final class EngineBench {
  /**
   * One batch size; medians over the rounds.
   *
   * @param allocated_per_tick heap bytes of all threads per L tick or H step, heads apart
   */
  public record Row(
      int batch,
      double ms_per_segment,
      double gflops,
      double roof_gflops,
      double roof_share,
      double puzzles_per_second,
      double allocated_per_tick) {}

  private EngineBench() {}

  /** Full-size HRM as published: hidden 512, 4 + 4 layers, 81 cells and one puzzle position. */
  public static Model fullSize() {
    HrmConfig config = HrmConfig.parse("{\"puzzle\": \"sudoku-9x9\"}");
    return new Model("full-size", config, Weights.random(config, 1), "");
  }

  public static Row run(Model model, Backend backend, int threads, int batch, int rounds) {
    HrmConfig c = model.config();
    try (HighLevel high = model.highLevel(backend);
        LowLevel low = model.lowLevel(backend)) {
      Hrm hrm = new Hrm(high, low, c);
      HiddenState inputs = inputs(c, high, batch);
      Carry carry = fresh(high, batch);
      for (int i = 0; i < Math.max(2, 40 / batch); i++) {
        carry = next(hrm, carry, inputs);
      }
      double[] seconds = new double[rounds];
      double[] roof = new double[rounds];
      double[] share = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        roof[round] = Roof.gflops(threads);
        long start = System.nanoTime();
        carry = next(hrm, carry, inputs);
        seconds[round] = (System.nanoTime() - start) / 1e9;
        share[round] = c.segmentFlop() * batch / seconds[round] / 1e9 / roof[round];
      }
      double median = median(seconds);
      return new Row(
          batch,
          median * 1e3,
          c.segmentFlop() * batch / median / 1e9,
          median(roof),
          median(share),
          batch / median,
          allocatedPerTick(c, high, low, carry, inputs));
    }
  }

  /** Seconds for so many puzzles, batch after batch, each a fixed number of segments. */
  public static double seconds(Model model, Backend backend, int batch, int puzzles, int segments) {
    HrmConfig c = model.config();
    try (HighLevel high = model.highLevel(backend);
        LowLevel low = model.lowLevel(backend)) {
      Hrm hrm = new Hrm(high, low, c);
      next(hrm, fresh(high, batch), inputs(c, high, batch)).close();
      long start = System.nanoTime();
      for (int done = 0; done < puzzles; done += batch) {
        Carry carry = fresh(high, batch);
        HiddenState inputs = inputs(c, high, batch);
        for (int s = 0; s < segments; s++) {
          carry = next(hrm, carry, inputs);
        }
        carry.close();
        inputs.close();
      }
      return (System.nanoTime() - start) / 1e9;
    }
  }

  private static HiddenState inputs(HrmConfig c, HighLevel high, int batch) {
    int[][] tokens = new int[batch][c.seqLen()];
    for (int b = 0; b < batch; b++) {
      for (int i = 0; i < c.seqLen(); i++) {
        tokens[b][i] = 1 + (b + i * 7) % (c.vocabSize() - 1);
      }
    }
    return high.embed(tokens, new int[batch]);
  }

  private static Carry fresh(HighLevel high, int batch) {
    int[] fresh = new int[batch];
    Arrays.fill(fresh, -1);
    return high.seat(null, fresh);
  }

  private static Carry next(Hrm hrm, Carry carry, HiddenState inputs) {
    Carry next = hrm.segment(carry, inputs).carry();
    carry.close();
    return next;
  }

  private static double allocatedPerTick(
      HrmConfig c, HighLevel high, LowLevel low, Carry carry, HiddenState inputs) {
    int cycles = 10;
    long before = allocatedBytes();
    for (int i = 0; i < cycles; i++) {
      HiddenState inputInjection = high.inputInjection(carry.zH(), inputs);
      HiddenState zL = low.cycle(carry.zL(), inputInjection).zL();
      inputInjection.close();
      high.step(carry.zH(), zL).close();
      zL.close();
    }
    return (double) (allocatedBytes() - before) / (cycles * (c.lCycles() + 1));
  }

  private static long allocatedBytes() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long sum = 0;
    for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
      sum += Math.max(0, bytes);
    }
    return sum;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
