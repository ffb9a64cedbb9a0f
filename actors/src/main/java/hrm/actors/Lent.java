package hrm.actors;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Who holds which state: the planner itself, or a worker to which it was lent. A state is given
 * back to its pool once nobody does.
 *
 * <p>A worker answers in the order it was asked, so its answer also ends every earlier loan that it
 * never answered.
 *
 * @param <S> states, told apart by identity
 * @param <W> workers
 */
final class Lent<S, W> {
  private record Loan<S>(long cycle, List<S> states, long begun) {}

  private final Map<S, Integer> holders = new IdentityHashMap<>();
  private final Map<W, Deque<Loan<S>>> loans = new HashMap<>();
  private final Consumer<S> giveBack;

  Lent(Consumer<S> giveBack) {
    this.giveBack = giveBack;
  }

  /** The planner begins to use a state. */
  void hold(S state) {
    holders.merge(state, 1, Integer::sum);
  }

  /** The planner is done with a state that it held. */
  void release(S state) {
    int left = holders.get(state) - 1;
    if (left > 0) {
      holders.put(state, left);
    } else {
      holders.remove(state);
      giveBack.accept(state);
    }
  }

  /** The answer of a cycle that is over: given back, unless it is the very one in use. */
  void discard(S state) {
    if (!holders.containsKey(state)) {
      giveBack.accept(state);
    }
  }

  /**
   * @param begun when the worker was asked
   */
  void lend(W worker, long cycle, List<S> states, long begun) {
    states.forEach(this::hold);
    open(worker).add(new Loan<>(cycle, states, begun));
  }

  /**
   * The worker has answered: it no longer reads what it was lent up to this cycle.
   *
   * @return when this worker was asked, whoever else was; empty if it was not
   */
  OptionalLong answered(W worker, long cycle) {
    if (!asked(worker, cycle)) {
      return OptionalLong.empty();
    }
    Loan<S> ended;
    do {
      ended = open(worker).poll();
      ended.states().forEach(this::release);
    } while (ended.cycle() != cycle);
    return OptionalLong.of(ended.begun());
  }

  /** The worker is dead: it reads nothing any more. */
  void lost(W worker) {
    Deque<Loan<S>> open = loans.remove(worker);
    if (open != null) {
      open.forEach(loan -> loan.states().forEach(this::release));
    }
  }

  /** The worker with fewest open loans, rather one that was not asked for this cycle yet. */
  Optional<W> choose(Collection<W> workers, long cycle) {
    return workers.stream()
        .min(
            Comparator.<W, Boolean>comparing(worker -> asked(worker, cycle))
                .thenComparing(worker -> open(worker).size()));
  }

  private boolean asked(W worker, long cycle) {
    return open(worker).stream().anyMatch(loan -> loan.cycle() == cycle);
  }

  private Deque<Loan<S>> open(W worker) {
    return loans.computeIfAbsent(worker, w -> new ArrayDeque<>());
  }

  /** Whether any worker was asked for this cycle and may still answer. */
  boolean awaited(long cycle) {
    return awaited(cycle, worker -> true);
  }

  /** The same of those workers that are meant. */
  boolean awaited(long cycle, Predicate<W> meant) {
    return loans.keySet().stream().anyMatch(worker -> meant.test(worker) && asked(worker, cycle));
  }
}
