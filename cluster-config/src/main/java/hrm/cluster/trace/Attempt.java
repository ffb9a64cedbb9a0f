package hrm.cluster.trace;

import com.google.protobuf.Timestamp;
import hrm.proto.Admitted;
import hrm.proto.TraceEvent;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * One run of a job: its events, each once, in logical order.
 *
 * @param all attempts that any event is of, ascending
 * @param number of this one; 0 when there is no event at all
 * @param order of its events
 */
record Attempt(List<Integer> all, int number, LogicalOrder order) {
  /**
   * @param events of one job, of any attempts, in any order, some perhaps twice
   * @param wanted attempt; 0 for the last
   */
  static Attempt of(List<TraceEvent> events, int wanted) {
    TreeSet<Integer> attempts = new TreeSet<>();
    events.forEach(event -> attempts.add(event.getAttempt()));
    int number = wanted > 0 || attempts.isEmpty() ? wanted : attempts.last();
    LinkedHashSet<TraceEvent> own = new LinkedHashSet<>();
    events.stream().filter(event -> event.getAttempt() == number).forEach(own::add);
    return new Attempt(List.copyOf(attempts), number, LogicalOrder.of(own));
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
