package hrm.model.puzzle;

/** A puzzle that nobody can solve as written; says what is wrong, where, and what to do. */
public final class PuzzleException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final String field;

  public PuzzleException(String field, String message) {
    super(message);
    this.field = field;
  }

  /** {@code text} or {@code tokens}: the field of the job at fault. */
  public String field() {
    return field;
  }
}
