package hrm.gateway;

import hrm.proto.TraceEvent;
import java.util.List;
import java.util.Optional;

/** The traced jobs that the trace topic holds, and where their events are. Thread-safe. */
public final class TraceIndex implements AutoCloseable {
  /**
   * @param indexing whether it still reads what was there when it started, or waits for a broker
   * @param jobs held now
   * @param events read since the start
   * @param forgotten jobs given up for the bound on memory
   * @param dropped events that the nodes say they did not record
   * @param corrupt records that are no trace event, skipped
   * @param bytes of heap, as reckoned
   */
  public record Stats(
      boolean indexing,
      int jobs,
      long events,
      long forgotten,
      long dropped,
      long corrupt,
      long bytes) {}

  /**
   * Of one job, in the order of the topic.
   *
   * @param truncated whether there are, or were, more than these: above the cap, deleted by Kafka's
   *     retention, or not to be had from the brokers in time
   * @param corrupt records of these that could not be read
   */
  public record Events(List<TraceEvent> events, boolean truncated, int corrupt) {}

  /** Told of changes, on the index's own thread: to return soon. What it throws is logged. */
  @FunctionalInterface
  public interface Listener {
    /** At most once for each job and batch of records; not for what was there at the start. */
    void changed(JobSummary job);
  }

  private TraceIndex(GatewaySettings gateway, TraceIndexSettings settings, String node) {}

  /** Begins to read, as soon as there is a broker and the topic. Returns at once. */
  public static TraceIndex start(
      GatewaySettings gateway, TraceIndexSettings settings, String node) {
    return new TraceIndex(gateway, settings, node);
  }

  /** The newest first, at most so many. */
  public List<JobSummary> jobs(int limit) {
    return List.of();
  }

  public Optional<JobSummary> job(String id) {
    return Optional.empty();
  }

  /**
   * Reads the job's records, and no others than those between them. Blocks for some milliseconds,
   * at most a few seconds; calls wait for each other.
   *
   * @param max the first so many
   * @return without events for a job that is not known
   */
  public Events events(String id, int max) {
    return new Events(List.of(), false, 0);
  }

  public void addListener(Listener listener) {}

  public void removeListener(Listener listener) {}

  public Stats stats() {
    return new Stats(false, 0, 0, 0, 0, 0, 0);
  }

  @Override
  public void close() {}
}
