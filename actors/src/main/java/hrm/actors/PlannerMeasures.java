package hrm.actors;

import hrm.actors.Protocol.Thought;
import hrm.model.Model;

/** What a planner measures of its model. */
final class PlannerMeasures {
  private final int ticksPerSegment;
  private final Distribution jobTicks;
  private final Distribution stepSeconds;
  private final Distribution waitSeconds;
  private final Distribution residual;

  PlannerMeasures(Meters meters, Model model) {
    ticksPerSegment = model.config().hCycles() * model.config().lCycles();
    jobTicks = meters.distribution(Measure.JOB_TICKS, model.name());
    stepSeconds = meters.distribution(Measure.H_TICK_SECONDS, model.name());
    waitSeconds = meters.distribution(Measure.WAIT_SECONDS, model.name());
    residual = meters.distribution(Measure.RESIDUAL, model.name());
  }

  /**
   * A cycle is through.
   *
   * @param exchanged nanoseconds from the question to the worker until its answer was taken up
   * @param stepped nanoseconds of the H step
   */
  void cycle(long exchanged, Thought thought, long stepped) {
    waitSeconds.addNanos(Math.max(0, exchanged - thought.nanos()));
    stepSeconds.addNanos(stepped);
    float[][] residuals = thought.residuals();
    if (residuals.length > 0) {
      for (float row : residuals[residuals.length - 1]) {
        residual.add(row);
      }
    }
  }

  /** A job is answered after so many segments. */
  void halted(int segments) {
    jobTicks.add((double) segments * ticksPerSegment);
  }
}
