package hrm.gateway;

import java.util.Collection;

/** What becomes of runs that have ended: answers, dead letters and further attempts. */
final class Settlement {
  private final GatewaySettings settings;
  private final Tally tally;
  private final Runs runs;
  private final Outbox outbox;
  private final Refusals refusals;

  Settlement(GatewaySettings settings, Tally tally, Runs runs, Outbox outbox, Refusals refusals) {
    this.settings = settings;
    this.tally = tally;
    this.runs = runs;
    this.outbox = outbox;
    this.refusals = refusals;
  }

  /**
   * Settles all runs that have ended by now.
   *
   * @param holdings those of this moment; runs for others are dropped
   */
  void settle(Collection<Holding> holdings) {
    for (var done = runs.next(); done != null; done = runs.next()) {
      var holding = done.holding();
      var entry = done.entry();
      if (!holdings.contains(holding) || holding.inFlight.get(entry.offset()) != entry) {
        continue; // of a partition that has been given up since
      }
      if (done.failure() instanceof SolverBusy) {
        holding.refused(entry);
        refusals.refused(entry.kind, System.nanoTime());
        continue;
      }
      refusals.ended(entry.kind);
      if (done.failure() != null) {
        tally.failed.increment();
      }
      if (done.failure() == null) {
        outbox.answer(holding, entry, done.result());
      } else if (done.failure() instanceof JobRejected rejected) {
        outbox.bury(holding, entry, rejected);
      } else if (holding.isWornOut(entry)) {
        outbox.bury(holding, entry, Outbox.solverError(entry, done.failure()));
      } else {
        boolean survived = !(done.failure() instanceof LostRun);
        holding.retry(entry, survived, System.nanoTime() + backoff(entry.attempt));
      }
    }
  }

  private long backoff(int attempt) {
    return settings.retryBackoff().toNanos() << Math.min(attempt - 1, 10);
  }
}
