package hrm.gateway;

import hrm.proto.TraceEvent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Jobs of which trace events were read, within a bound on their number and memory: the oldest are
 * forgotten first. Thread-safe.
 */
final class TracedJobs {
  /** Where a job's events are; {@code more} when there are others that cannot be found again. */
  record Places(int partition, long[] offsets, boolean more) {}

  private final TraceIndexSettings settings;
  private final Map<String, TracedJob> byId = new HashMap<>();
  private final ArrayDeque<TracedJob> byAge = new ArrayDeque<>();
  private long bytes = 0;
  private long events = 0;
  private long dropped = 0;
  private long forgotten = 0;

  TracedJobs(TraceIndexSettings settings) {
    this.settings = settings;
  }

  synchronized void read(TraceEvent event, int partition, long offset) {
    TracedJob job = byId.get(event.getJobId());
    if (job == null) {
      job = new TracedJob(event.getJobId(), partition, settings.maxEventsPerJob());
      byId.put(job.id, job);
      byAge.addLast(job);
    } else {
      bytes -= job.bytes();
    }
    job.read(event, partition, offset);
    bytes += job.bytes();
    events++;
    dropped += Math.max(0, event.getDropped());
    while (byAge.size() > 1 && (bytes > settings.maxBytes() || byAge.size() > settings.maxJobs())) {
      TracedJob oldest = byAge.pollFirst();
      byId.remove(oldest.id);
      bytes -= oldest.bytes();
      forgotten++;
    }
  }

  /** Kafka has deleted what stood below these offsets, by partition. */
  synchronized void deleted(Map<Integer, Long> starts) {
    byAge.removeIf(
        job -> {
          boolean gone = job.positions.last() < starts.getOrDefault(job.partition, 0L);
          if (gone) {
            byId.remove(job.id);
            bytes -= job.bytes();
          }
          return gone;
        });
  }

  synchronized List<JobSummary> newest(int limit) {
    List<JobSummary> jobs = new ArrayList<>();
    var newestFirst = byAge.descendingIterator();
    while (newestFirst.hasNext() && jobs.size() < limit) {
      jobs.add(newestFirst.next().summary());
    }
    return jobs;
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
    return new TraceIndex.Stats(indexing, byAge.size(), events, forgotten, dropped, corrupt, bytes);
  }
}
