package hrm.actors;

import com.google.protobuf.Timestamp;
import hrm.model.Heads;
import hrm.proto.HaltReason;
import hrm.proto.JobFailure;
import hrm.proto.PuzzleResult;
import hrm.proto.Timings;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/** What a node says of a job that is done. */
record Results(String node) {

  /** The answer that the heads read from one row. */
  PuzzleResult halted(
      Slot slot,
      Heads heads,
      int row,
      int[] answer,
      boolean solved,
      HaltReason reason,
      Instant now) {
    PuzzleResult.Builder result =
        result(slot.task, slot.admit.attempt(), slot.waited, now)
            .addAllTokens(Arrays.stream(answer).boxed().toList())
            .setText(slot.task.text(answer))
            .setSolved(solved)
            .setSegments(slot.steps)
            .setHaltReason(reason)
            .setQHalt(heads.qHalt()[row])
            .setQContinue(heads.qContinue()[row]);
    for (float probability : heads.confidence(row)) {
      result.addConfidence(probability);
    }
    result.getTimingsBuilder().setThinking(duration(Duration.between(slot.admitted, now)));
    return result.build();
  }

  /** The answer of a job whose deadline passed while nobody thought about it: it has nothing. */
  PuzzleResult expired(Task task, int attempt, Duration waited, Instant now) {
    return result(task, attempt, waited, now).setHaltReason(HaltReason.HALTED_DEADLINE).build();
  }

  JobFailure failure(String jobId, int attempt, JobFailed why) {
    return JobFailure.newBuilder()
        .setJobId(jobId)
        .setCause(why.cause())
        .setField(why.field())
        .setMessage(why.getMessage())
        .setNode(node)
        .setAttempt(attempt)
        .build();
  }

  private PuzzleResult.Builder result(Task task, int attempt, Duration waited, Instant now) {
    return PuzzleResult.newBuilder()
        .setJobId(task.job().getId())
        .setTimings(Timings.newBuilder().setWaiting(duration(waited)))
        .setNode(node)
        .setModel(task.model().name())
        .setModelSha256(task.model().sha256())
        .setAttempt(attempt)
        .setPuzzle(task.puzzle())
        .setFinishedAt(timestamp(now));
  }

  static Timestamp timestamp(Instant at) {
    return Timestamp.newBuilder().setSeconds(at.getEpochSecond()).setNanos(at.getNano()).build();
  }

  static com.google.protobuf.Duration duration(Duration duration) {
    Duration d = duration.isNegative() ? Duration.ZERO : duration;
    return com.google.protobuf.Duration.newBuilder()
        .setSeconds(d.getSeconds())
        .setNanos(d.getNano())
        .build();
  }
}
