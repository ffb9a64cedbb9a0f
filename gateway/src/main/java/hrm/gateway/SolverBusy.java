package hrm.gateway;

/**
 * The solver had no room after all and has not begun: its {@link Solver#capacity} had fallen in the
 * meantime. No attempt is counted; the job is offered again.
 */
public final class SolverBusy extends RuntimeException {
  private static final long serialVersionUID = 1;

  public SolverBusy(String message) {
    super(message);
  }
}
