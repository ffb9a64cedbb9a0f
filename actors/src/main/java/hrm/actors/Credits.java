package hrm.actors;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Predicate;

/**
 * How many jobs each dispatcher may have with one planner: those it has there now, and every place
 * that is free. Two dispatchers may take the same free place; the later job then waits for its
 * slot.
 */
final class Credits<D> {
  private int places;
  private Predicate<D> heldBack = dispatcher -> false;
  private final Map<D, Integer> held = new LinkedHashMap<>();
  private final Map<D, Integer> told = new HashMap<>();

  Credits(int places) {
    this.places = places;
  }

  /** What the dispatcher may have here now. */
  int limit(D dispatcher) {
    int jobs = held.getOrDefault(dispatcher, 0);
    return heldBack.test(dispatcher) ? jobs : jobs + free();
  }

  private int free() {
    return Math.max(0, places - held.values().stream().mapToInt(Integer::intValue).sum());
  }

  void places(int places) {
    this.places = places;
  }

  /** Those of whom this holds are told of no free places any more. */
  void holdBack(Predicate<D> heldBack) {
    this.heldBack = heldBack;
  }

  /** The dispatcher has nothing here, and is to be told its limit, even if it was told before. */
  void enlist(D dispatcher) {
    held.put(dispatcher, 0);
    told.remove(dispatcher);
  }

  void took(D dispatcher) {
    held.computeIfPresent(dispatcher, (d, n) -> n + 1);
  }

  void freed(D dispatcher) {
    held.computeIfPresent(dispatcher, (d, n) -> n - 1);
  }

  void remove(D dispatcher) {
    held.remove(dispatcher);
    told.remove(dispatcher);
  }

  /** Every dispatcher whose limit is not what it was last told; from now on it is. */
  Map<D, Integer> news() {
    Map<D, Integer> news = new LinkedHashMap<>();
    held.forEach(
        (dispatcher, jobs) -> {
          int limit = limit(dispatcher);
          Integer before = told.put(dispatcher, limit);
          if (before == null || before != limit) {
            news.put(dispatcher, limit);
          }
        });
    return news;
  }
}
