package hrm.gateway;

import hrm.proto.JobFailure;
import hrm.proto.PuzzleResult;

/** How a job ended. */
public sealed interface Outcome {
  String jobId();

  /** With an answer, right or wrong. */
  record Answered(PuzzleResult result) implements Outcome {
    @Override
    public String jobId() {
      return result.getJobId();
    }
  }

  /** As a dead letter. */
  record Failed(JobFailure failure, String jobId) implements Outcome {}
}
