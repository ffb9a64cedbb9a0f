package hrm.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import hrm.actors.Protocol.Think;
import java.time.Instant;

/** What a worker tells of traced jobs: the Think that came and what it answered. */
final class WorkerTrace {
  private final Tracing tracing;
  private final ActorNames names;
  private final String self;

  WorkerTrace(Tracing tracing, ActorSystem<?> system, ActorRef<?> self) {
    this.tracing = tracing;
    this.names = new ActorNames(system.address());
    this.self = names.of(self);
  }

  /**
   * For the answer, sent two numbers after the question.
   *
   * @param begun {@link System#nanoTime} when the worker turned to it
   */
  Trail answer(Think think, long begun) {
    Trail trail = think.trail();
    if (trail.isEmpty()) {
      return Trail.NONE;
    }
    return Trail.of(
        trail.rows().stream().map(c -> c.answer(c.sequence() + 2, c.id() + "a")).toList(),
        self,
        trail.hop().nanosUntil(begun));
  }

  /**
   * The answer was sent. Told afterwards, so that the planner need not wait for it.
   *
   * @param type Thought or Faltered
   * @param nanos of its arithmetic
   */
  void answered(Think think, String type, Trail answer, long begun, long nanos) {
    if (answer.isEmpty()) {
      return;
    }
    long now = System.nanoTime();
    Instant came = tracing.now().minusNanos(now - begun);
    Instant went = came.plusNanos(answer.hop().at() - begun);
    String planner = names.of(think.replyTo());
    for (int i = 0; i < answer.rows().size(); i++) {
      TraceContext question = think.trail().rows().get(i);
      TraceContext context = answer.rows().get(i);
      JobTrace trace = tracing.resume(question);
      int arrival = trace.next();
      if (trace.allows(1)) {
        trace.emit(
            MessageEvents.event(
                MessageEvents.received("Think", question, think.trail(), self, false)
                    .setTimes(MessageEvents.times(think.trail().hop(), begun, nanos, 0))),
            arrival,
            question.sequence(),
            came);
      }
      if (trace.allows(1)) {
        trace.emit(
            MessageEvents.event(MessageEvents.sent(type, context, self, planner)),
            context.sequence(),
            trace.line(),
            went);
      }
    }
  }
}
