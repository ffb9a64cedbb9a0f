package hrm.cluster.trace;

import com.google.protobuf.Timestamp;
import hrm.proto.Admitted;
import hrm.proto.TraceEvent;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * One run of a job's attempt: its events, each once, in logical order.
 *
 * @param all attempts that any event is of, ascending
 * @param number of this one; 0 when there is no event at all
 * @param runs of it that events are of; all but the latest were given back by their gateway
 * @param run that it is; 0 when its events name none
 * @param order of its events
 */
record Attempt(List<Integer> all, int number, int runs, long run, LogicalOrder order) {
  /**
   * @param events of one job, of any attempts, in any order, some perhaps twice
   * @param wanted attempt; 0 for the last
   * @param wantedRun of it; 0 for the latest
   */
  static Attempt of(List<TraceEvent> events, int wanted, long wantedRun) {
    TreeSet<Integer> attempts = new TreeSet<>();
    events.forEach(event -> attempts.add(event.getAttempt()));
    int number = wanted > 0 || attempts.isEmpty() ? wanted : attempts.last();
    List<TraceEvent> tried = events.stream().filter(event -> event.getAttempt() == number).toList();
    Map<Long, Instant> runs = runs(tried);
    long latest =
        runs.entrySet().stream()
            .max(Map.Entry.comparingByValue())
            .map(Map.Entry::getKey)
            .orElse(0L);
    long run = wantedRun != 0 ? wantedRun : latest;
    LinkedHashSet<TraceEvent> own = new LinkedHashSet<>();
    tried.stream()
        .filter(event -> (event.getRun() == 0 ? latest : event.getRun()) == run)
        .forEach(own::add);
    return new Attempt(
        List.copyOf(attempts), number, Math.max(1, runs.size()), run, LogicalOrder.of(own));
  }

  /** Where runs are told apart: when the first event of each was. */
  private static Map<Long, Instant> runs(List<TraceEvent> events) {
    Map<Long, Instant> runs = new TreeMap<>();
    for (TraceEvent event : events) {
      if (event.getRun() != 0) {
        Instant at = at(event).orElse(Instant.MAX);
        runs.merge(event.getRun(), at, (a, b) -> a.isBefore(b) ? a : b);
      }
    }
    return runs;
  }

  List<TraceEvent> events() {
    return order.events();
  }

  /** With which planner an event stands, also one of the dispatcher's own. */
  int hand(TraceEvent event) {
    return order.hands().get(event);
  }

  /** The last event of a kind. */
  Optional<TraceEvent> last(Predicate<TraceEvent> kind) {
    for (int i = events().size() - 1; i >= 0; i--) {
      if (kind.test(events().get(i))) {
        return Optional.of(events().get(i));
      }
    }
    return Optional.empty();
  }

  Optional<Admitted> admitted() {
    return last(TraceEvent::hasAdmitted).map(TraceEvent::getAdmitted);
  }

  static Optional<Instant> at(TraceEvent event) {
    Timestamp at = event.getAt();
    boolean real = event.hasAt() && Math.abs(at.getSeconds()) < 1L << 37 && at.getNanos() >= 0;
    return real
        ? Optional.of(Instant.ofEpochSecond(at.getSeconds(), at.getNanos()))
        : Optional.empty();
  }
}
