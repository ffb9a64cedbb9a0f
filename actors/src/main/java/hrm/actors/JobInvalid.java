package hrm.actors;

import hrm.proto.JobFailure;

/** A job that no model of this node can take; found out before anything was sent. */
public final class JobInvalid extends JobFailed {
  private static final long serialVersionUID = 1;

  private final String field;

  /**
   * @param what is wrong, and after a semicolon the remedy
   */
  JobInvalid(JobFailure.Cause cause, String jobId, String field, String what) {
    super(cause, "job \"%s\", %s: %s".formatted(jobId, field, what));
    this.field = field;
  }

  @Override
  public String field() {
    return field;
  }
}
