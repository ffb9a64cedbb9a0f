package hrm.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Progress;
import hrm.actors.Protocol.Submit;
import hrm.proto.HaltReason;
import hrm.proto.Message;
import hrm.proto.Times;
import java.time.Instant;
import java.util.Optional;

/** What a dispatcher tells of traced jobs: Submit, Admit, Reached, Finished. */
final class DispatcherTrace {
  private final Tracing tracing;
  private final ActorNames names;
  private final String self;

  DispatcherTrace(Tracing tracing, ActorSystem<?> system, ActorRef<?> self) {
    this.tracing = tracing;
    this.names = new ActorNames(system.address());
    this.self = names.of(self);
  }

  /** A job was taken; both ends of its Submit are told here. */
  JobTrace submitted(Submit submit) {
    JobTrace trace = tracing.begin(submit.task().job(), submit.attempt());
    if (trace.on()) {
      long mailbox = System.nanoTime() - submit.sent();
      Instant now = trace.now();
      int sequence = trace.next();
      String client = names.ofOnce(submit.replyTo());
      TraceContext context = context(trace, sequence, 0);
      int arrival = trace.next();
      if (trace.allows(2)) {
        trace.emit(
            MessageEvents.event(MessageEvents.sent("Submit", context, client, self)),
            sequence,
            trace.line(),
            now.minusNanos(mailbox));
        Trail trail = Trail.of(context, client);
        trace.emit(
            MessageEvents.event(
                MessageEvents.received("Submit", context, trail, self, false)
                    .setTimes(Times.newBuilder().setMailboxNanos(mailbox))),
            arrival,
            sequence,
            now);
      }
    }
    return trace;
  }

  /**
   * A job is about to be sent to a planner.
   *
   * @param hand the planner's
   */
  Trail admit(
      JobTrace trace, int hand, ActorRef<PlannerCommand> planner, Optional<Progress> resume) {
    if (!trace.on()) {
      return Trail.NONE;
    }
    int sequence = trace.next();
    TraceContext context = context(trace, sequence, hand);
    if (trace.allows(1)) {
      tell(trace, context, planner, resume);
    }
    return Trail.of(context, self);
  }

  private void tell(
      JobTrace trace,
      TraceContext context,
      ActorRef<PlannerCommand> planner,
      Optional<Progress> resume) {
    Message.Builder message = MessageEvents.sent("Admit", context, self, names.of(planner));
    resume.ifPresent(
        progress -> {
          message.addTensors(Features.of("zH", progress.carry().zH()));
          message.addTensors(Features.of("zL", progress.carry().zL()));
        });
    trace.emit(MessageEvents.event(message), context.sequence(), trace.line(), trace.now());
  }

  /**
   * Reached or Finished has come.
   *
   * @param of the job with its ticket; empty when there is none any more
   */
  void arrived(String type, Trail trail, Optional<JobTrace> of) {
    for (TraceContext context : trail.rows()) {
      JobTrace trace = of.filter(JobTrace::on).orElseGet(() -> tracing.resume(context, 0));
      trace.heard(context.sequence());
      trace.record(
          () ->
              MessageEvents.event(
                  MessageEvents.received(type, context, trail, self, of.isEmpty())
                      .setTimes(MessageEvents.times(trail.hop(), System.nanoTime(), 0, 0))));
    }
  }

  /** The job ends here, without a planner. */
  void ended(JobTrace trace, HaltReason reason) {
    if (trace.on()) {
      trace.insist(JobEvents.halted(reason, 0, false));
    }
  }

  private static TraceContext context(JobTrace trace, int sequence, int hand) {
    return new TraceContext(
        trace.jobId, trace.attempt, trace.run, hand, sequence, trace.id(sequence), 0, 0, 0, 0);
  }
}
