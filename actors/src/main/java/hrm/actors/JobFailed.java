package hrm.actors;

import hrm.proto.JobFailure;

/** Why a job has no answer. Its message says what was wrong, where, and what to do. */
public class JobFailed extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final JobFailure.Cause cause;

  JobFailed(JobFailure.Cause cause, String message) {
    super(message);
    this.cause = cause;
  }

  public JobFailure.Cause cause() {
    return cause;
  }

  /** The job's field at fault, e.g. "text"; empty when none is. */
  public String field() {
    return "";
  }
}
