package hrm.actors;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which jobs wait, and which planner has which under what ticket.
 *
 * @param <P> planners
 * @param <J> jobs
 */
final class Desk<P, J> {
  /** What the dispatcher does with a job that has found a planner. */
  @FunctionalInterface
  interface Admission<P, J> {
    void admit(long ticket, J job, P planner);
  }

  private static final class Window<J> {
    final String model;
    final Map<Long, J> jobs = new LinkedHashMap<>(); // by ticket
    int limit = 0;

    Window(String model) {
      this.model = model;
    }

    int credit() {
      return limit - jobs.size();
    }
  }

  private final Map<P, Window<J>> windows = new LinkedHashMap<>();
  private final Map<String, Deque<J>> waiting = new HashMap<>();
  private long lastTicket = 0;

  /** How many jobs the planners together are willing to hold, those they have included. */
  int credit() {
    return windows.values().stream().mapToInt(w -> w.limit).sum();
  }

  /** How many jobs are in hand: with planners and waiting. */
  int jobs() {
    return windows.values().stream().mapToInt(w -> w.jobs.size()).sum() + waiting();
  }

  int waiting() {
    return waiting.values().stream().mapToInt(Deque::size).sum();
  }

  int planners() {
    return windows.size();
  }

  void wait(String model, J job) {
    queue(model).addLast(job);
  }

  void waitInFront(String model, J job) {
    queue(model).addFirst(job);
  }

  boolean waits(String model, J job) {
    return queue(model).contains(job);
  }

  void leave(String model, J job) {
    queue(model).remove(job);
  }

  private Deque<J> queue(String model) {
    return waiting.computeIfAbsent(model, m -> new ArrayDeque<>());
  }

  /** Planners of a model that are not among those that can be reached now. */
  List<P> vanished(String model, Collection<P> reachable) {
    return windows.entrySet().stream()
        .filter(entry -> entry.getValue().model.equals(model))
        .map(Map.Entry::getKey)
        .filter(planner -> !reachable.contains(planner))
        .toList();
  }

  /** The planners of a model that can be reached now; returns those that are new. */
  List<P> list(String model, Collection<P> reachable) {
    return reachable.stream()
        .filter(planner -> windows.putIfAbsent(planner, new Window<>(model)) == null)
        .toList();
  }

  void limit(P planner, int limit) {
    Window<J> window = windows.get(planner);
    if (window != null) {
      window.limit = limit;
    }
  }

  /** Every waiting job for which there is credit goes to the planner that has most of it. */
  void handOut(Admission<P, J> admission) {
    waiting.forEach(
        (model, queue) -> {
          Optional<Map.Entry<P, Window<J>>> most = most(model);
          while (!queue.isEmpty() && most.isPresent()) {
            long ticket = ++lastTicket;
            J job = queue.poll();
            most.get().getValue().jobs.put(ticket, job);
            admission.admit(ticket, job, most.get().getKey());
            most = most(model);
          }
        });
  }

  private Optional<Map.Entry<P, Window<J>>> most(String model) {
    return windows.entrySet().stream()
        .filter(entry -> entry.getValue().model.equals(model) && entry.getValue().credit() > 0)
        .max(Comparator.comparingInt(entry -> entry.getValue().credit()));
  }

  /** The job that bears this ticket; none if the ticket is not valid any more. */
  Optional<J> job(long ticket) {
    return windows.values().stream()
        .flatMap(window -> Optional.ofNullable(window.jobs.get(ticket)).stream())
        .findFirst();
  }

  /** The job that bore this ticket; none if the ticket is not valid any more. */
  Optional<J> finish(long ticket) {
    return windows.values().stream()
        .map(window -> Optional.ofNullable(window.jobs.remove(ticket)))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** The planner is gone; returns the jobs it had, oldest first. Their tickets are void. */
  List<J> lose(P planner) {
    Window<J> window = windows.remove(planner);
    return window == null ? List.of() : new ArrayList<>(window.jobs.values());
  }
}
