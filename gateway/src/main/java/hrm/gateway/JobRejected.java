package hrm.gateway;

import hrm.proto.JobFailure;

/** A job that no run can ever answer; its message says what was wrong, where, and what to do. */
public final class JobRejected extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final JobFailure.Cause cause;
  private final String field;

  public JobRejected(JobFailure.Cause cause, String field, String message) {
    super(message, null, false, false);
    this.cause = cause;
    this.field = field;
  }

  public JobFailure.Cause failureCause() {
    return cause;
  }

  /** The job's field at fault, or empty when the whole record is. */
  public String field() {
    return field;
  }
}
