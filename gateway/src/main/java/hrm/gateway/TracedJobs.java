package hrm.gateway;

import hrm.proto.TraceEvent;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.ToLongFunction;

/**
 * Jobs of which trace events were read, within a bound on their number and memory: the one whose
 * last event is the oldest is forgotten first. Age is told by the events' times, since a start
 * reads partition after partition. Thread-safe.
 */
final class TracedJobs {
  /** Where a job's events are; {@code more} when there are others that cannot be found again. */
  record Places(int partition, long[] offsets, boolean more) {}

  private final TraceIndexSettings settings;
  private final Map<String, TracedJob> byId = new HashMap<>();
  private final TreeSet<TracedJob> byBegin = by(TracedJob::begun);
  private final TreeSet<TracedJob> byLast = by(TracedJob::last);
  private long bytes = 0;
  private long events = 0;
  private long dropped = 0;
  private long forgotten = 0;

  TracedJobs(TraceIndexSettings settings) {
    this.settings = settings;
  }

  private static TreeSet<TracedJob> by(ToLongFunction<TracedJob> time) {
    return new TreeSet<>(Comparator.comparingLong(time).thenComparing(job -> job.id));
  }

  synchronized void read(TraceEvent event, int partition, long offset) {
    TracedJob known = byId.get(event.getJobId());
    if (known != null) {
      remove(known); // its times are about to change
    }
    TracedJob job =
        known != null
            ? known
            : new TracedJob(event.getJobId(), partition, settings.maxEventsPerJob());
    job.read(event, partition, offset);
    add(job);
    events++;
    dropped += Math.max(0, event.getDropped());
    while (byId.size() > 1 && (bytes > settings.maxBytes() || byId.size() > settings.maxJobs())) {
      TracedJob oldest = byLast.first();
      remove(oldest);
      // What is still heard of a forgotten job comes and goes: it was counted with its first event.
      forgotten += known == null && oldest == job && event.hasCause() ? 0 : 1;
    }
  }

  private void add(TracedJob job) {
    byId.put(job.id, job);
    byBegin.add(job);
    byLast.add(job);
    bytes += job.bytes();
  }

  private void remove(TracedJob job) {
    byId.remove(job.id);
    byBegin.remove(job);
    byLast.remove(job);
    bytes -= job.bytes();
  }

  /** Kafka has deleted what stood below these offsets, by partition. */
  synchronized void deleted(Map<Integer, Long> starts) {
    byId.values().stream()
        .filter(job -> job.positions.last() < starts.getOrDefault(job.partition, 0L))
        .toList()
        .forEach(this::remove);
  }

  synchronized List<JobSummary> newest(int limit) {
    return byBegin.descendingSet().stream().limit(limit).map(TracedJob::summary).toList();
  }

  synchronized Optional<JobSummary> job(String id) {
    return Optional.ofNullable(byId.get(id)).map(TracedJob::summary);
  }

  synchronized Optional<Places> places(String id, int max) {
    return Optional.ofNullable(byId.get(id))
        .map(
            job ->
                new Places(
                    job.partition,
                    job.positions.first(max),
                    job.truncated() || job.positions.size() > max));
  }

  synchronized TraceIndex.Stats stats(boolean indexing, long corrupt) {
    return new TraceIndex.Stats(indexing, byId.size(), events, forgotten, dropped, corrupt, bytes);
  }
}
