package hrm.gateway;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Which waiting jobs are run next: as many as there are free slots; of suspects, one of each kind
 * at a time, and in its last run one of all. What is admitted is marked first, and launched only
 * when the mark is committed.
 */
final class Admission {
  private final Solver solver;
  private final Tally tally;
  private final Outbox outbox;
  private final Runs runs;
  private final Refusals refusals;
  private final Map<Entry, Holding> admitted = new LinkedHashMap<>();
  private int rotation;
  private int free;
  private final Set<Entry.Kind> suspects = new HashSet<>(); // that run
  private boolean lastRuns; // one of them for the last time

  Admission(Solver solver, Tally tally, Outbox outbox, Runs runs, Refusals refusals) {
    this.solver = solver;
    this.tally = tally;
    this.outbox = outbox;
    this.runs = runs;
    this.refusals = refusals;
  }

  int freeSlots() {
    return solver.capacity() - tally.running.get();
  }

  /** Marks as many waiting jobs as there are free slots; every turn begins at another partition. */
  void admit(Collection<Holding> holdings) {
    free = freeSlots();
    suspects.clear();
    lastRuns = false;
    holdings.forEach(holding -> holding.suspectsInFlight().forEach(e -> suspected(holding, e)));
    long now = System.nanoTime();
    var order = new ArrayList<>(holdings);
    Collections.rotate(order, rotation++);
    order.forEach(holding -> holding.forEachWaiting(entry -> admit(holding, entry, now)));
  }

  private void admit(Holding holding, Entry entry, long now) {
    if (!holding.ledger.hasRoomFor(entry.offset())) {
      return;
    }
    if (entry.unreadable != null) {
      outbox.bury(holding, entry, entry.unreadable);
    } else if (holding.isWornOut(entry)) {
      outbox.bury(holding, entry, outbox.tooManyAttempts());
    } else if (free > 0 && mayRun(holding, entry, now)) {
      boolean suspect = holding.isSuspect(entry);
      refusals.tried(entry.kind, now);
      holding.dispatch(entry);
      if (suspect) {
        suspected(holding, entry);
      }
      admitted.put(entry, holding);
      free--;
    }
  }

  private boolean mayRun(Holding holding, Entry entry, long now) {
    return entry.isDue(now)
        && refusals.mayTry(entry.kind, now)
        && (!holding.isSuspect(entry) || isAlone(holding, entry));
  }

  /** One whose planners are away must not hold up the others; nor another's death end the last. */
  private boolean isAlone(Holding holding, Entry entry) {
    return holding.isNextTheLast(entry)
        ? suspects.isEmpty()
        : !lastRuns && !suspects.contains(entry.kind);
  }

  private void suspected(Holding holding, Entry running) {
    suspects.add(running.kind);
    lastRuns |= holding.isWornOut(running);
  }

  /** Runs what was admitted; only called when that is committed. */
  void launch() {
    admitted.forEach(runs::start);
    admitted.clear();
  }
}
