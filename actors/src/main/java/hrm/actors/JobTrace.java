package hrm.actors;

import hrm.proto.TraceEvent;
import java.time.Instant;
import java.util.function.Supplier;

/**
 * The trace of an attempt's run as one actor keeps it: its logical clock (Lamport 1978), the cap on
 * its events, and what it follows from. A dropped event's number is used up, so that it leaves a
 * gap.
 */
final class JobTrace {
  /** Of jobs that are not traced. */
  static final JobTrace OFF = new JobTrace(null, "", 0, 0, 0);

  private static final int NO_CAUSE = -1;

  final String jobId;
  final int attempt;
  final long run;
  final int hand;
  private final Tracing tracing; // null: off
  private int clock = 0; // the next event's number
  private int events = 0;
  private long dropped = 0; // since the last event that was recorded
  private int line = NO_CAUSE;

  JobTrace(Tracing tracing, String jobId, int attempt, long run, int hand) {
    this.tracing = tracing;
    this.jobId = jobId;
    this.attempt = attempt;
    this.run = run;
    this.hand = hand;
  }

  boolean on() {
    return tracing != null;
  }

  /** A message has come that was sent under this number. */
  void heard(int sequence) {
    clock = Math.max(clock, sequence + 1);
    line = sequence;
  }

  /** As {@link #heard}, but the actor's next own event does not follow from it. */
  void overheard(int sequence) {
    clock = Math.max(clock, sequence + 1);
  }

  /** What the actor's next own event follows from; below 0 for nothing. */
  int line() {
    return line;
  }

  int next() {
    return clock++;
  }

  /** Numbers that others give. */
  void skip(int count) {
    clock += count;
  }

  /** Name of a message that is sent under this number. */
  String id(int sequence) {
    return hand + "." + sequence;
  }

  Instant now() {
    return tracing.now();
  }

  /**
   * Whether the cap and the node's rate let so many events pass, which belong together; if not,
   * they are counted as dropped.
   */
  boolean allows(int count) {
    if (events + count < tracing.maxEventsPerJob && tracing.allows()) {
      events += count;
      return true;
    }
    dropped += count;
    tracing.drop(count);
    return false;
  }

  /** Records an event that follows from the last, if it may; if not, it is not made. */
  void record(Supplier<TraceEvent.Builder> event) {
    int sequence = next();
    if (allows(1)) {
      emit(event.get(), sequence, line, now());
    } else {
      line = sequence;
    }
  }

  /** Records an event beyond all limits: a trace without it would not be understood. */
  void insist(TraceEvent.Builder event) {
    tracing.overdraw();
    emit(event, next(), line, now());
  }

  /** Records an allowed event, from which the actor's next own event follows. */
  void emit(TraceEvent.Builder event, int sequence, int cause, Instant at) {
    note(event, sequence, cause, at);
    line = sequence;
  }

  /** As {@link #emit}, off the line of the actor's own events. */
  void note(TraceEvent.Builder event, int sequence, int cause, Instant at) {
    event
        .setJobId(jobId)
        .setAttempt(attempt)
        .setRun(run)
        .setHand(hand)
        .setSequence(sequence)
        .setAt(Results.timestamp(at))
        .setNode(tracing.node)
        .setDropped(dropped);
    if (cause >= 0) {
      event.setCause(cause);
    }
    dropped = tracing.record(event.build()) ? 0 : dropped + 1;
  }
}
