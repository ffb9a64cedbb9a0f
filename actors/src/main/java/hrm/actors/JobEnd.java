package hrm.actors;

import hrm.actors.Protocol.Answered;
import hrm.actors.Protocol.Busy;
import hrm.actors.Protocol.Failed;
import hrm.actors.Protocol.Finished;
import hrm.proto.HaltReason;
import hrm.proto.JobFailure;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** The four ways in which a job ends at its dispatcher; whoever submitted it is told. */
final class JobEnd {
  private final Results results;
  private final InstantSource steady;
  private final DispatcherTrace trace;
  private final Meters meters;

  JobEnd(Results results, InstantSource steady, DispatcherTrace trace, Meters meters) {
    this.results = results;
    this.steady = steady;
    this.trace = trace;
    this.meters = meters;
  }

  /** A planner answered it. */
  void finished(Job job, Finished finished) {
    answered(job);
    job.submit.replyTo().tell(finished.outcome());
  }

  /** Returns how long it was here. */
  private Duration answered(Job job) {
    Duration here = Duration.between(job.arrived, steady.instant());
    meters.dispatcher().finished.increment();
    meters
        .distribution(Measure.JOB_SECONDS, job.submit.task().model().name())
        .addNanos(here.toNanos());
    return here;
  }

  /** Its deadline passed while it waited. */
  void expired(Job job, Instant now) {
    Duration waited = answered(job);
    trace.ended(job.trace, HaltReason.HALTED_DEADLINE);
    job.submit
        .replyTo()
        .tell(new Answered(results.expired(job.submit.task(), job.submit.attempt(), waited, now)));
  }

  /** No planner came for it; it was not begun, and may be submitted again. */
  void refused(Job job, int inHand) {
    meters.dispatcher().finished.increment();
    trace.ended(job.trace, HaltReason.HALTED_UNSET);
    job.submit.replyTo().tell(new Busy(inHand));
  }

  /** Too many planners died of it, or with it; or it cannot cross nodes. */
  void givenUp(Job job) {
    String id = job.submit.task().job().getId();
    JobFailed why =
        new JobFailed(
            JobFailure.Cause.TOO_MANY_ATTEMPTS,
            "job \"%s\": %d planners died while they had it, or their messages about it were lost; look into their logs before sending it again"
                .formatted(id, job.handed));
    trace.ended(job.trace, HaltReason.HALTED_UNSET);
    answered(job);
    job.submit.replyTo().tell(new Failed(results.failure(id, job.submit.attempt(), why)));
  }
}
