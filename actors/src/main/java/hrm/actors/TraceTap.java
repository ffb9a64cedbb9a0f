package hrm.actors;

import hrm.proto.TraceEvent;

/**
 * Where trace events go. Called from the planner's thread: {@link #record} returns at once and
 * drops what it has no room for.
 */
@FunctionalInterface
public interface TraceTap {
  void record(TraceEvent event);
}
