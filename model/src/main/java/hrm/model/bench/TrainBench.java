package hrm.model.bench;

import com.sun.management.ThreadMXBean;
import hrm.model.Backend;
import hrm.model.HrmConfig;
import hrm.model.Learner;
import hrm.model.Loss;
import hrm.model.Weights;
import hrm.model.cpu.Roof;
import hrm.model.optim.Optimizer;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/**
 * The published training step at full size (one-step gradient, continue head's extra segment,
 * AdamATan2), beside the sgemm roof measured in turn with it.
 */
public final class TrainBench {
  /**
   * One batch size; medians over the rounds.
   *
   * @param allocated_per_step heap bytes of all threads per step
   */
  public record Row(
      int batch,
      String optimizer,
      double ms_per_step,
      double samples_per_second,
      double gflops,
      double roof_gflops,
      double roof_share,
      double allocated_per_step) {}

  private TrainBench() {}

  public static Row run(
      HrmConfig c, Optimizer.Kind kind, Backend backend, int threads, int batch, int rounds) {
    Optimizer.Options optimizer = new Optimizer.Options(kind, 1, 0.1, 0.9, 0.95, 0.95);
    Learner.Options options =
        new Learner.Options(
            batch, c.haltMaxSteps(), Loss.Type.STABLEMAX, 0, false, optimizer, 1, 0, false, 0, 0);
    try (Learner learner = new Learner(c, Weights.random(c, 1), options, backend.open())) {
      for (int i = 0; i < Math.max(2, 16 / batch); i++) {
        step(c, learner);
      }
      double[] seconds = new double[rounds];
      double[] roof = new double[rounds];
      double[] share = new double[rounds];
      long allocated = 0;
      for (int round = 0; round < rounds; round++) {
        roof[round] = Roof.gflops(threads);
        long before = allocatedBytes();
        long start = System.nanoTime();
        step(c, learner);
        seconds[round] = (System.nanoTime() - start) / 1e9;
        allocated += allocatedBytes() - before;
        share[round] = learner.stepFlop() / seconds[round] / 1e9 / roof[round];
      }
      double median = median(seconds);
      return new Row(
          batch,
          kind.toString(),
          median * 1e3,
          batch / median,
          learner.stepFlop() / median / 1e9,
          median(roof),
          median(share),
          (double) allocated / rounds);
    }
  }

  private static void step(HrmConfig c, Learner learner) {
    learner.step(
        (row, inputs, labels) -> {
          for (int i = 0; i < inputs.length; i++) {
            inputs[i] = 1 + (row + i * 7) % (c.vocabSize() - 1);
            labels[i] = 1 + (row + i * 3) % (c.vocabSize() - 1);
          }
          return 0;
        },
        Learner.Exploration.NEVER,
        new Optimizer.Rates(1e-4, 1e-4, 1e-4));
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
