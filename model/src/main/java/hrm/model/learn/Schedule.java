package hrm.model.learn;

import hrm.model.optim.Optimizer;
import java.util.List;

/**
 * What changes from step to step of a run: learning rates and cycles. Steps count from 1.
 *
 * @param steps in all
 * @param peak the rates at the end of the warm-up
 * @param warmUp steps until then
 * @param floor the cosine's end, as a share of the peak; 1: constant
 * @param curriculum stretches from the first step on, by their ends; may be empty
 * @param whole cycles after these
 */
record Schedule(
    int steps,
    Optimizer.Rates peak,
    int warmUp,
    double floor,
    List<Depth> curriculum,
    Depth whole) {
  /**
   * A stretch of the run with fewer cycles than arch has (depth curriculum, arXiv 2511.08653).
   *
   * @param until share of all steps at which it ends
   */
  record Depth(double until, int H_cycles, int L_cycles) {}

  Optimizer.Rates rates(int step) {
    return new Optimizer.Rates(
        rate(peak.lr(), step), rate(peak.rest(), step), rate(peak.puzzle(), step));
  }

  /** Linear warm-up from base/warm-up at step 1, then a cosine to its floor. */
  private double rate(double base, int step) {
    if (step < warmUp) {
      return base * step / warmUp;
    }
    double done = (double) (step - warmUp) / Math.max(1, steps - warmUp);
    return base * (floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done))));
  }

  /** Cycles of a segment at a step. */
  Depth depth(int step) {
    for (Depth depth : curriculum) {
      if (step <= depth.until() * steps) {
        return depth;
      }
    }
    return whole;
  }
}
