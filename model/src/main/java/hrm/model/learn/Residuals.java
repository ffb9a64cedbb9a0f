package hrm.model.learn;

import hrm.model.Backend;
import hrm.model.Carry;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import hrm.model.Hrm;
import hrm.model.HrmConfig;
import hrm.model.LowLevel;
import hrm.model.Model;
import hrm.model.puzzle.Example;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * Forward residuals of a model's states over a set of puzzles (Wang et al. 2025, arXiv 2506.21734,
 * figure 3): by how much each L tick moves z_L and each H step z_H, as Frobenius norms of (S, D).
 *
 * @param lCycles ticks a cycle
 * @param hCycles cycles a segment
 * @param size S x D: a state's norm is the square root of it, since states are RMS-normalised
 * @param low [tick][puzzle] over all segments
 * @param high [cycle][puzzle] over all segments
 */
public record Residuals(int lCycles, int hCycles, int size, float[][] low, float[][] high) {
  /** Statistics of one step: the mean, and the bounds between which 80% of the puzzles lie. */
  public record Step(double mean, double low, double high) {}

  /**
   * Lets the model think about every puzzle for so many segments, whether or not it is solved.
   *
   * @param batch puzzles at once
   * @param done is told how many puzzles are through
   * @throws IllegalArgumentException when there is no puzzle, or they are not the model's
   */
  public static Residuals of(
      Model model,
      List<Example> puzzles,
      int segments,
      int batch,
      Backend backend,
      IntConsumer done) {
    HrmConfig c = model.config();
    if (puzzles.isEmpty()) {
      throw new IllegalArgumentException("there is no puzzle; give at least one");
    }
    for (Example puzzle : puzzles) {
      if (puzzle.inputs().length != c.seqLen()) {
        throw new IllegalArgumentException(
            "model %s takes puzzles of %d tokens, but one has %d; give puzzles of its kind"
                .formatted(model.name(), c.seqLen(), puzzle.inputs().length));
      }
    }
    float[][] low = new float[segments * c.hCycles() * c.lCycles()][puzzles.size()];
    float[][] high = new float[segments * c.hCycles()][puzzles.size()];
    try (HighLevel planner = model.highLevel(backend);
        LowLevel worker = model.lowLevel(backend)) {
      for (int from = 0; from < puzzles.size(); from += batch) {
        List<Example> some = puzzles.subList(from, Math.min(puzzles.size(), from + batch));
        think(new Hrm(planner, worker, c), planner, some, segments, from, low, high);
        done.accept(from + some.size());
      }
    }
    return new Residuals(c.lCycles(), c.hCycles(), c.sequence() * c.hiddenSize(), low, high);
  }

  private static void think(
      Hrm hrm,
      HighLevel planner,
      List<Example> puzzles,
      int segments,
      int at,
      float[][] low,
      float[][] high) {
    int rows = puzzles.size();
    int[] fresh = new int[rows];
    Arrays.fill(fresh, -1);
    Carry carry = planner.seat(null, fresh);
    int ticks = 0;
    int steps = 0;
    try (HiddenState inputs =
        planner.embed(
            puzzles.stream().map(Example::inputs).toArray(int[][]::new),
            puzzles.stream().mapToInt(Example::identifier).toArray())) {
      for (int segment = 0; segment < segments; segment++) {
        Hrm.Traced next = hrm.traced(carry, inputs);
        carry.close();
        carry = next.segment().carry();
        for (float[] tick : next.zL()) {
          System.arraycopy(tick, 0, low[ticks++], at, rows);
        }
        for (float[] step : next.zH()) {
          System.arraycopy(step, 0, high[steps++], at, rows);
        }
      }
    } finally {
      carry.close();
    }
  }

  /** Per tick of z_L. */
  public List<Step> lowSteps() {
    return steps(low);
  }

  /** Per H step of z_H. */
  public List<Step> highSteps() {
    return steps(high);
  }

  private static List<Step> steps(float[][] values) {
    List<Step> steps = new ArrayList<>();
    for (float[] step : values) {
      float[] sorted = step.clone();
      Arrays.sort(sorted);
      double sum = 0;
      for (float value : sorted) {
        sum += value;
      }
      steps.add(new Step(sum / sorted.length, at(sorted, 0.1), at(sorted, 0.9)));
    }
    return steps;
  }

  private static double at(float[] sorted, double share) {
    return sorted[(int) Math.round(share * (sorted.length - 1))];
  }
}
