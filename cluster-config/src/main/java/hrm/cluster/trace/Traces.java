package hrm.cluster.trace;

import hrm.gateway.JobSummary;
import hrm.gateway.TraceIndex;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Where traces are asked for: the index of the trace topic, or what a test makes up. */
public interface Traces {
  /** After halting, a job's last messages come later: it is whole when none came for so long. */
  Duration SETTLING = Duration.ofSeconds(1);

  /** The newest first, at most so many. */
  List<JobSummary> jobs(int limit);

  Optional<JobSummary> job(String id);

  /** Blocks while the topic is read; the first so many. */
  TraceIndex.Events events(String id, int max);

  void addListener(TraceIndex.Listener listener);

  void removeListener(TraceIndex.Listener listener);

  TraceIndex.Stats stats();

  static Traces of(TraceIndex index) {
    return new Traces() {
      @Override
      public List<JobSummary> jobs(int limit) {
        return index.jobs(limit);
      }

      @Override
      public Optional<JobSummary> job(String id) {
        return index.job(id);
      }

      @Override
      public TraceIndex.Events events(String id, int max) {
        return index.events(id, max);
      }

      @Override
      public void addListener(TraceIndex.Listener listener) {
        index.addListener(listener);
      }

      @Override
      public void removeListener(TraceIndex.Listener listener) {
        index.removeListener(listener);
      }

      @Override
      public TraceIndex.Stats stats() {
        return index.stats();
      }
    };
  }

  /** One attempt at a job, of at most so many events; 0: the last attempt. Blocks. */
  default Optional<TraceView> trace(String id, int attempt, int max) {
    return trace(id, attempt, 0, max);
  }

  /**
   * @param run of the attempt; 0: the latest
   */
  default Optional<TraceView> trace(String id, int attempt, long run, int max) {
    return job(id)
        .map(
            job -> {
              TraceIndex.Events read = events(id, max);
              return TraceView.of(
                  job, read.events(), attempt, run, read.truncated() || read.corrupt() > 0);
            });
  }
}
