package hrm.actors;

import hrm.proto.PuzzleJob;
import hrm.proto.TraceChoice;
import hrm.proto.TraceEvent;
import java.time.InstantSource;
import java.util.concurrent.atomic.LongAdder;

/**
 * Which jobs are traced, and how much. It never blocks, never throws and never changes an answer;
 * what could not be recorded is counted.
 */
public final class Tracing {
  final String node;
  final InstantSource clock;
  final int maxEventsPerJob;
  private final TraceTap tap;
  private final double sample;
  private final LongAdder dropped = new LongAdder();

  /**
   * @param node address of this node, as in the events
   */
  public Tracing(TraceTap tap, ActorsSettings settings, String node, InstantSource clock) {
    this.tap = tap;
    this.sample = settings.traceSample();
    this.maxEventsPerJob = settings.traceMaxEventsPerJob();
    this.node = node;
    this.clock = clock;
  }

  /** Events lost because a job had too many of them or the tap failed. */
  public long dropped() {
    return dropped.sum();
  }

  JobTrace open(PuzzleJob job, int attempt) {
    return new JobTrace(this, job.getId(), attempt, sampled(job));
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

  void record(TraceEvent event) {
    try {
      tap.record(event);
    } catch (RuntimeException e) {
      drop();
    }
  }

  void drop() {
    dropped.increment();
  }
}
