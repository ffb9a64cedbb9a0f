package hrm.actors;

import akka.actor.typed.ActorRef;
import akka.actor.typed.ActorSystem;
import hrm.actors.Protocol.Faltered;
import hrm.actors.Protocol.Thought;
import hrm.actors.Protocol.WorkerCommand;
import hrm.model.Heads;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import hrm.proto.Message;
import hrm.proto.Tensor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a planner tells of traced jobs while their lanes think: Think, Thought, Faltered, cycles.
 */
final class LaneTrace {
  /** Features of a lane's z_L, which comes with one message and goes with the next. */
  private record Known(HiddenState zL, Tensor[] features) {}

  private final Tracing tracing;
  private final ActorNames names;
  private final String self;
  private final HighLevel high;
  private final Map<Integer, Known> known = new HashMap<>(); // by lane

  LaneTrace(Tracing tracing, HighLevel high, ActorSystem<?> system, ActorRef<?> self) {
    this.high = high;
    this.tracing = tracing;
    this.names = new ActorNames(system.address());
    this.self = names.of(self);
  }

  /** The lane's present cycle is about to be sent. */
  Trail think(Lane lane) {
    if (!lane.traced()) {
      return Trail.NONE;
    }
    List<TraceContext> contexts = new ArrayList<>();
    List<Slot> rows = lane.table.rows();
    for (int row = 0; row < rows.size(); row++) {
      Slot slot = rows.get(row);
      JobTrace trace = slot.trace;
      if (!trace.on()) {
        continue;
      }
      int sequence = trace.next();
      if (trace.allows(3)) { // with what the worker tells of it
        contexts.add(
            new TraceContext(
                trace.jobId,
                trace.attempt,
                trace.run,
                trace.hand,
                sequence,
                trace.id(sequence),
                row,
                slot.steps + 1,
                lane.cycles + 1,
                lane.sends));
      } else {
        trace.skip(2);
      }
    }
    return Trail.of(contexts, self, 0);
  }

  /** It was sent. Told afterwards, so that the worker need not wait for it. */
  void sent(
      Lane lane,
      ActorRef<WorkerCommand> worker,
      Trail trail,
      HiddenState zL,
      HiddenState inputInjection) {
    if (trail.isEmpty()) {
      return;
    }
    Instant at = at(trail.hop().at());
    Tensor[] z = know(lane, zL, trail);
    Tensor[] injected =
        Features.of(
            "inputInjection",
            inputInjection,
            high,
            trail.rows().stream().mapToInt(TraceContext::row).toArray());
    for (TraceContext context : trail.rows()) {
      JobTrace trace = lane.table.rows().get(context.row()).trace;
      trace.emit(
          MessageEvents.event(
              MessageEvents.sent("Think", context, self, names.of(worker))
                  .addTensors(z[context.row()])
                  .addTensors(injected[context.row()])),
          context.sequence(),
          trace.line(),
          at);
    }
  }

  /**
   * The answer that the lane has waited for.
   *
   * @param zL its state, as the planner has it
   * @param begun {@link System#nanoTime} when the planner turned to it
   * @param nanos of the planner's step
   * @param heads as read after it
   */
  void thought(
      Lane lane,
      Thought thought,
      HiddenState zL,
      float[] zHResiduals,
      long begun,
      long nanos,
      Heads heads) {
    Trail trail = thought.trail();
    Instant came = at(begun);
    Tensor[] z = know(lane, zL, trail);
    List<Slot> rows = lane.table.rows();
    for (TraceContext context : trail.rows()) {
      JobTrace trace = of(lane, context);
      Message.Builder message =
          MessageEvents.received("Thought", context, trail, self, false)
              .setTimes(
                  MessageEvents.times(
                      trail.hop(), begun, nanos, network(lane, thought, context.retry())));
      if (has(z, context)) {
        message.addTensors(z[context.row()]);
      }
      received(trace, context, message, came);
    }
    String worker = names.of(thought.worker());
    int cycle = lane.cycles + 1;
    for (int row = 0; row < rows.size(); row++) {
      Slot slot = rows.get(row);
      if (slot.trace.on()) {
        int at = row;
        slot.trace.record(
            () -> JobEvents.cycle(slot, at, cycle, worker, thought, zHResiduals[at], nanos, heads));
      }
    }
  }

  private static void received(
      JobTrace trace, TraceContext context, Message.Builder message, Instant at) {
    trace.heard(context.sequence());
    int sequence = trace.next();
    if (trace.allows(1)) {
      trace.emit(MessageEvents.event(message), sequence, context.sequence(), at);
    }
  }

  /** The round trip less what is known of it; 0 within a node, and where the cycle went twice. */
  private static long network(Lane lane, Thought thought, int retry) {
    Trail.Hop hop = thought.trail().hop();
    if (hop.bytes() == 0 || retry + 1 != lane.sends) {
      return 0;
    }
    long trip = hop.at() - lane.asked;
    long spent =
        thought.trail().elsewhereNanos()
            + thought.nanos()
            + hop.serialiseNanos()
            + hop.deserialiseNanos();
    return Math.max(0, trip - spent);
  }

  /** The worker failed on the lane's present cycle. */
  void faltered(Lane lane, Faltered faltered) {
    Trail trail = faltered.trail();
    for (TraceContext context : trail.rows()) {
      received(
          of(lane, context),
          context,
          MessageEvents.received("Faltered", context, trail, self, false)
              .setTimes(MessageEvents.times(trail.hop(), System.nanoTime(), 0, 0)),
          tracing.now());
    }
  }

  /** An answer that nobody waits for any more; its jobs may have left since. */
  void late(Lane lane, String type, Trail trail) {
    for (TraceContext context : trail.rows()) {
      JobTrace trace = of(lane, context);
      trace.overheard(context.sequence());
      int sequence = trace.next();
      if (trace.allows(1)) {
        trace.note(
            MessageEvents.event(
                MessageEvents.received(type, context, trail, self, true)
                    .setTimes(MessageEvents.times(trail.hop(), System.nanoTime(), 0, 0))),
            sequence,
            context.sequence(),
            tracing.now());
      }
    }
  }

  /** The job's trace as its slot keeps it; one of its own when it has left. */
  private JobTrace of(Lane lane, TraceContext context) {
    return lane.table.rows().stream()
        .map(slot -> slot.trace)
        .filter(context::isOf)
        .findAny()
        .orElseGet(() -> tracing.resume(context));
  }

  /** Of the rows in a message, by row. */
  private Tensor[] know(Lane lane, HiddenState zL, Trail trail) {
    Known last = known.get(lane.index);
    if (last == null
        || last.zL() != zL
        || trail.rows().stream().anyMatch(context -> !has(last.features(), context))) {
      int[] rows =
          trail.rows().stream()
              .mapToInt(TraceContext::row)
              .filter(row -> row < zL.batch())
              .toArray();
      Known now = new Known(zL, Features.of("zL", zL, high, rows));
      known.put(lane.index, now);
      return now.features();
    }
    return last.features();
  }

  private static boolean has(Tensor[] features, TraceContext context) {
    return context.row() < features.length && features[context.row()] != null;
  }

  private Instant at(long nanoTime) {
    return tracing.now().minusNanos(System.nanoTime() - nanoTime);
  }
}
