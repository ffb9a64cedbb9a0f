package hrm.actors;

/** What is measured of each model; the bounds are those of its {@link Distribution}. */
public enum Measure {
  /** From a job's acceptance by the dispatcher to its answer, in seconds. */
  JOB_SECONDS(.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300),

  /** L ticks of an answered job. */
  JOB_TICKS(4, 8, 16, 32, 64, 128, 256, 512, 1024, 4096),

  /** One H step of a lane, in seconds. */
  H_TICK_SECONDS(.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5),

  /** One L tick of a lane, in seconds. */
  L_TICK_SECONDS(.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5),

  /**
   * What a cycle's exchange with a worker took beyond its arithmetic, in seconds: mailboxes, and
   * between nodes the wire.
   */
  WAIT_SECONDS(.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1, 5, 30),

  /** Norm of z_L's change in the last tick of a cycle, a row each. */
  RESIDUAL(.001, .003, .01, .03, .1, .3, 1, 3, 10, 30, 100);

  private final double[] bounds;

  Measure(double... bounds) {
    this.bounds = bounds;
  }

  Distribution distribution() {
    return new Distribution(bounds);
  }
}
