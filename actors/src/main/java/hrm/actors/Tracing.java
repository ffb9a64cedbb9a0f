package hrm.actors;

import hrm.proto.PuzzleJob;
import hrm.proto.TraceChoice;
import hrm.proto.TraceEvent;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Which jobs are traced, and how much. It never blocks, never throws and never changes an answer;
 * what could not be recorded is counted.
 */
public final class Tracing {
  final String node;
  final int maxEventsPerJob;
  private final InstantSource clock;
  private final TraceTap tap;
  private final double sample;
  private final TokenBucket bucket;
  private final Meters.TraceMeter meter;

  /**
   * @param node address of this node, as in the events
   */
  public Tracing(
      TraceTap tap, ActorsSettings settings, String node, InstantSource clock, Meters meters) {
    this.tap = tap;
    this.sample = settings.traceSample();
    this.maxEventsPerJob = settings.traceMaxEventsPerJob();
    this.bucket = new TokenBucket(settings.traceMaxEventsPerSecond(), System.nanoTime());
    this.node = node;
    this.clock = clock;
    this.meter = meters.trace;
  }

  /** Events lost to a limit, or to a tap that was full or failed. */
  public long dropped() {
    return meter.dropped.sum();
  }

  Instant now() {
    return clock.instant();
  }

  /** The dispatcher's trace of a job that it was given, if it is to have one: a run of its own. */
  JobTrace begin(PuzzleJob job, int attempt) {
    return open(job, attempt, ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE), 0);
  }

  /** The first trace of a job whose dispatcher has none, if it is to have one. */
  JobTrace open(PuzzleJob job, int attempt, int hand) {
    return open(job, attempt, 0, hand);
  }

  private JobTrace open(PuzzleJob job, int attempt, long run, int hand) {
    return sampled(job) ? new JobTrace(this, job.getId(), attempt, run, hand) : JobTrace.OFF;
  }

  /** Of a planner or worker, which goes on from a message's context. */
  JobTrace resume(TraceContext context) {
    return resume(context, context.hand());
  }

  JobTrace resume(TraceContext context, int hand) {
    JobTrace trace = new JobTrace(this, context.jobId(), context.attempt(), context.run(), hand);
    trace.heard(context.sequence());
    return trace;
  }

  /** The same on every node and for every attempt of a job. */
  private boolean sampled(PuzzleJob job) {
    TraceChoice choice = job.getOptions().getTrace();
    if (choice != TraceChoice.TRACE_UNSET) {
      return choice == TraceChoice.TRACE_ON;
    }
    // splitmix64's finaliser: ids that differ in one character fall far apart.
    long mixed = job.getId().hashCode() * 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    mixed ^= mixed >>> 31;
    return (mixed >>> 11) * 0x1p-53 < sample;
  }

  /** Whether the node's rate allows one event more. */
  boolean allows() {
    return bucket.take(System.nanoTime());
  }

  /** For events that are told beyond the rate: those after them make up for it. */
  void overdraw() {
    bucket.overdraw(System.nanoTime());
  }

  /** Whether the event is on its way. */
  boolean record(TraceEvent event) {
    boolean taken;
    try {
      taken = tap.record(event);
    } catch (RuntimeException e) {
      taken = false;
    }
    if (taken) {
      meter.recorded.increment();
    } else {
      drop(1);
    }
    return taken;
  }

  void drop(int events) {
    meter.dropped.add(events);
  }
}
