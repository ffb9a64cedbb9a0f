package hrm.gateway;

/**
 * Whatever had the job died, again and again, and perhaps of it. Such a run counts as one that
 * ended with a death, though this process lives.
 */
public final class LostRun extends RuntimeException {
  private static final long serialVersionUID = 1;

  public LostRun(String message) {
    super(message);
  }
}
