package hrm.model.learn;

/** A run has left the numbers: what it would write is worth nothing. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DivergedException(String message) {
    super(message);
  }
}
