package hrm.actors;

/**
 * Every slot and every waiting place of its model is taken. The job was not accepted; submit it
 * again later.
 */
public final class JobsBusy extends RuntimeException {
  private static final long serialVersionUID = 1;

  JobsBusy(String jobId, int capacity) {
    super(
        "job \"%s\" was not accepted: %d jobs are in hand already; submit it again when one is done"
            .formatted(jobId, capacity));
  }
}
