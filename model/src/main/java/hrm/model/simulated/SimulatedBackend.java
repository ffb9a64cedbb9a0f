package hrm.model.simulated;

import hrm.model.Backend;
import hrm.model.Kernels;
import java.time.Duration;

/**
 * A device that does not exist: every L tick and every H step takes a fixed time, whatever the
 * batch, and computes nothing. It shows what everything around the arithmetic costs; its answers
 * are worthless.
 */
public final class SimulatedBackend implements Backend {
  private final Duration tick;

  /**
   * @param tick how long an L tick or an H step takes; may be zero
   */
  public SimulatedBackend(Duration tick) {
    this.tick = tick;
  }

  @Override
  public String name() {
    return "simulated";
  }

  @Override
  public String describe() {
    return "simulated: %s ms a tick, nothing is computed".formatted(tick.toNanos() / 1e6);
  }

  @Override
  public Kernels open() {
    return new SimulatedKernels(new Pace(tick));
  }
}
