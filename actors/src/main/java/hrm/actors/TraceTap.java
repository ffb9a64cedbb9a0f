package hrm.actors;

import hrm.proto.TraceEvent;

/**
 * Where trace events go. Called from the actors' threads: {@link #record} returns at once and drops
 * what it has no room for.
 */
@FunctionalInterface
public interface TraceTap {
  /** Whether the event was taken. */
  boolean record(TraceEvent event);
}
