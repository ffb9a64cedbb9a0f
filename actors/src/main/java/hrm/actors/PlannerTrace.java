package hrm.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Progress;
import hrm.proto.HaltReason;
import hrm.proto.Message;

/** What a planner tells of traced jobs as they come and go: Admit, Reached, Finished. */
final class PlannerTrace {
  private final Tracing tracing;
  private final ActorNames names;
  private final String self;

  PlannerTrace(Tracing tracing, ActorSystem<?> system, ActorRef<?> self) {
    this.tracing = tracing;
    this.names = new ActorNames(system.address());
    this.self = names.of(self);
  }

  /**
   * A job has come. One whose dispatcher says nothing of traces is traced if this node samples it:
   * dispatchers of earlier versions are silent, and others have sampled it themselves.
   *
   * @param wanted whether its dispatcher still waits for the answer
   */
  JobTrace arrived(Admit admit, boolean wanted) {
    Trail trail = admit.trail();
    if (trail.isEmpty()) {
      return tracing.open(admit.job(), admit.attempt(), 1);
    }
    TraceContext context = trail.rows().get(0);
    JobTrace trace = tracing.resume(context);
    trace.record(
        () ->
            MessageEvents.event(
                MessageEvents.received("Admit", context, trail, self, !wanted)
                    .setTimes(MessageEvents.times(trail.hop(), System.nanoTime(), 0, 0))));
    return trace;
  }

  /** The job took its slot. */
  void seated(Slot slot, int lane, int row) {
    if (slot.trace.on()) {
      slot.trace.insist(JobEvents.admitted(slot, lane, row));
    }
  }

  /** The job goes on thinking, and its dispatcher is about to be told how far it is. */
  Trail reached(Slot slot, Progress progress) {
    if (!slot.trace.on()) {
      return Trail.NONE;
    }
    Message.Builder tensors = Message.newBuilder();
    tensors.addTensors(Features.of("zH", progress.carry().zH()));
    tensors.addTensors(Features.of("zL", progress.carry().zL()));
    return sent("Reached", slot.trace, slot.admit, progress.segments(), tensors);
  }

  /** The job has its answer, or was given up. */
  void ended(JobTrace trace, HaltReason reason, int segments, boolean solved) {
    if (trace.on()) {
      trace.insist(JobEvents.halted(reason, segments, solved));
    }
  }

  /** Its dispatcher is about to be told. */
  Trail finished(JobTrace trace, Admit admit) {
    return trace.on() ? sent("Finished", trace, admit, 0, Message.newBuilder()) : Trail.NONE;
  }

  private Trail sent(String type, JobTrace trace, Admit admit, int segment, Message.Builder more) {
    int sequence = trace.next();
    TraceContext context =
        new TraceContext(
            trace.jobId,
            trace.attempt,
            trace.run,
            trace.hand,
            sequence,
            trace.id(sequence),
            0,
            segment,
            0,
            0);
    if (!trace.allows(1)) {
      return Trail.NONE;
    }
    trace.emit(
        MessageEvents.event(
            MessageEvents.sent(type, context, self, names.of(admit.replyTo()))
                .addAllTensors(more.getTensorsList())),
        sequence,
        trace.line(),
        trace.now());
    return Trail.of(context, self);
  }
}
