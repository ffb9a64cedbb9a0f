package hrm.gateway;

import hrm.gateway.Holding.Entry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which waiting jobs are run next: as many as there are free slots, suspects one at a time. What is
 * admitted is marked first, and launched only when the mark is committed.
 */
final class Admission {
  private final Solver solver;
  private final Tally tally;
  private final Outbox outbox;
  private final Runs runs;
  private final Map<Entry, Holding> admitted = new LinkedHashMap<>();
  private int rotation;

  Admission(Solver solver, Tally tally, Outbox outbox, Runs runs) {
    this.solver = solver;
    this.tally = tally;
    this.outbox = outbox;
    this.runs = runs;
  }

  int freeSlots() {
    return solver.capacity() - tally.running.get();
  }

  /** Marks as many waiting jobs as there are free slots; every turn begins at another partition. */
  void admit(Collection<Holding> holdings) {
    int free = freeSlots();
    boolean suspectRuns = holdings.stream().anyMatch(h -> h.suspectsInFlight() > 0);
    var order = new ArrayList<>(holdings);
    Collections.rotate(order, rotation++);
    for (Holding holding : order) {
      for (Entry entry : List.copyOf(holding.waiting.values())) {
        if (!holding.ledger.hasRoomFor(entry.offset())) {
          continue;
        }
        if (entry.unreadable != null) {
          outbox.bury(holding, entry, entry.unreadable);
        } else if (holding.isWornOut(entry)) {
          outbox.bury(holding, entry, outbox.tooManyAttempts());
        } else if (free > 0 && isDue(entry) && !(suspectRuns && holding.isSuspect(entry))) {
          suspectRuns |= holding.isSuspect(entry);
          holding.dispatch(entry);
          admitted.put(entry, holding);
          free--;
        }
      }
    }
  }

  private static boolean isDue(Entry entry) {
    return !entry.delayed || System.nanoTime() - entry.notBefore >= 0;
  }

  /** Runs what was admitted; only called when that is committed. */
  void launch() {
    admitted.forEach(runs::start);
    admitted.clear();
  }
}
