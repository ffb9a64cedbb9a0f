package hrm.actors;

import hrm.model.Model;
import hrm.proto.DispatcherReport;
import java.time.Duration;
import java.time.Instant;
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
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

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

  /** How long a planner is passed over after its first failure in a row, and the most doublings. */
  private static final Duration REST = Duration.ofSeconds(1);

  private static final int DOUBLINGS = 5;

  private static final class Window<J> {
    final String model;
    final Map<Long, J> jobs = new LinkedHashMap<>(); // by ticket
    final Map<Long, Instant> since = new HashMap<>(); // by ticket: when it was handed out
    int limit = 0;
    Instant heard;
    Instant restsUntil = Instant.MIN;
    int failures = 0; // in a row

    Window(String model, Instant heard) {
      this.model = model;
      this.heard = heard;
    }

    J remove(long ticket) {
      since.remove(ticket);
      return jobs.remove(ticket);
    }

    int credit() {
      return limit - jobs.size();
    }

    boolean rests(Instant now) {
      return now.isBefore(restsUntil);
    }
  }

  private final Map<P, Window<J>> windows = new LinkedHashMap<>();
  private final Map<String, Deque<J>> waiting = new HashMap<>();

  /** Whose ticket it is, so that no answer is looked for at every planner. */
  private final Map<Long, Window<J>> tickets = new HashMap<>();

  private long lastTicket = 0;

  /** How many jobs the planners together are willing to hold, those they have included. */
  int credit() {
    return windows.values().stream().mapToInt(w -> w.limit).sum();
  }

  /** The same of one model. */
  int credit(String model) {
    return of(model).mapToInt(entry -> entry.getValue().limit).sum();
  }

  /** How many jobs are in hand: with planners and waiting. */
  int jobs() {
    return tickets.size() + waiting();
  }

  /** The same of one model. */
  int jobs(String model) {
    return of(model).mapToInt(entry -> entry.getValue().jobs.size()).sum() + queue(model).size();
  }

  private Stream<Map.Entry<P, Window<J>>> of(String model) {
    return windows.entrySet().stream().filter(entry -> entry.getValue().model.equals(model));
  }

  int waiting() {
    return waiting.values().stream().mapToInt(Deque::size).sum();
  }

  /** The same of one model. */
  int waiting(String model) {
    return queue(model).size();
  }

  int planners() {
    return windows.size();
  }

  /** The same of one model. */
  int planners(String model) {
    return (int) of(model).count();
  }

  /** What there is of each of these. */
  List<DispatcherReport.Model> report(List<Model> models) {
    return models.stream()
        .map(
            model ->
                DispatcherReport.Model.newBuilder()
                    .setModel(model.name())
                    .setPlanners(planners(model.identity()))
                    .setWaiting(waiting(model.identity()))
                    .build())
        .toList();
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

  /** Takes those that wait and are meant. */
  List<J> leave(Predicate<J> meant) {
    List<J> left = waiting.values().stream().flatMap(Deque::stream).filter(meant).toList();
    waiting.values().forEach(queue -> queue.removeAll(left));
    return left;
  }

  private Deque<J> queue(String model) {
    return waiting.computeIfAbsent(model, m -> new ArrayDeque<>());
  }

  /** Planners of a model that are not among those that can be reached now. */
  List<P> vanished(String model, Collection<P> reachable) {
    return of(model)
        .map(Map.Entry::getKey)
        .filter(planner -> !reachable.contains(planner))
        .toList();
  }

  /** The planners of a model that can be reached now; returns those that are new. */
  List<P> list(String model, Collection<P> reachable, Instant now) {
    return reachable.stream()
        .filter(planner -> windows.putIfAbsent(planner, new Window<>(model, now)) == null)
        .toList();
  }

  void limit(P planner, int limit, Instant now) {
    Window<J> window = windows.get(planner);
    if (window != null) {
      window.limit = limit;
      window.heard = now;
    }
  }

  /** The planner with this ticket lives. */
  void heard(long ticket, Instant now) {
    Window<J> window = tickets.get(ticket);
    if (window != null) {
      window.heard = now;
    }
  }

  /** Planners that have not been heard of since then. */
  List<P> silentSince(Instant then) {
    return windows.entrySet().stream()
        .filter(entry -> entry.getValue().heard.isBefore(then))
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Takes back the jobs that a planner should have and has not.
   *
   * @param last highest ticket that has arrived there
   * @param tickets that it has
   * @param then a ticket above {@code last} that was handed out before this is lost, too
   */
  List<J> missing(P planner, long last, Set<Long> tickets, Instant then) {
    Window<J> window = windows.get(planner);
    if (window == null) {
      return List.of();
    }
    return List.copyOf(window.jobs.keySet()).stream()
        .filter(ticket -> !tickets.contains(ticket))
        .filter(ticket -> ticket <= last || window.since.get(ticket).isBefore(then))
        .map(ticket -> finish(ticket).orElseThrow())
        .toList();
  }

  /**
   * How the planner with this ticket has done. After a failure it is passed over for a while, twice
   * as long if that was not its first in a row: a planner that fails at once always has the most
   * credit, and would get every other job to fail with, too.
   */
  void judge(long ticket, boolean well, Instant now) {
    Window<J> window = tickets.get(ticket);
    if (window == null || !well && window.rests(now)) { // a batch fails as one
      return;
    }
    window.failures = well ? 0 : window.failures + 1;
    window.restsUntil =
        well
            ? Instant.MIN
            : now.plus(REST.multipliedBy(1L << Math.min(window.failures - 1, DOUBLINGS)));
  }

  /**
   * Every waiting job for which there is credit goes to the planner that has most of it. Planners
   * that rest get none while their model has another.
   */
  void handOut(Instant now, Admission<P, J> admission) {
    waiting.forEach(
        (model, queue) -> {
          Optional<Map.Entry<P, Window<J>>> most;
          while (!queue.isEmpty() && (most = most(model, now)).isPresent()) {
            long ticket = ++lastTicket;
            J job = queue.poll();
            most.get().getValue().jobs.put(ticket, job);
            most.get().getValue().since.put(ticket, now);
            tickets.put(ticket, most.get().getValue());
            admission.admit(ticket, job, most.get().getKey());
          }
        });
  }

  private Optional<Map.Entry<P, Window<J>>> most(String model, Instant now) {
    boolean allRest =
        of(model).map(Map.Entry::getValue).allMatch(w -> w.limit == 0 || w.rests(now));
    return of(model)
        .filter(entry -> entry.getValue().credit() > 0)
        .filter(entry -> allRest || !entry.getValue().rests(now))
        .max(Comparator.comparingInt(entry -> entry.getValue().credit()));
  }

  /** The job that bears this ticket; none if the ticket is not valid any more. */
  Optional<J> job(long ticket) {
    return Optional.ofNullable(tickets.get(ticket)).map(window -> window.jobs.get(ticket));
  }

  /** The job that bore this ticket; none if the ticket is not valid any more. */
  Optional<J> finish(long ticket) {
    return Optional.ofNullable(tickets.remove(ticket)).map(window -> window.remove(ticket));
  }

  /** The planner is gone; returns the jobs it had, oldest first. Their tickets are void. */
  List<J> lose(P planner) {
    Window<J> window = windows.remove(planner);
    if (window == null) {
      return List.of();
    }
    tickets.keySet().removeAll(window.jobs.keySet());
    return new ArrayList<>(window.jobs.values());
  }
}
