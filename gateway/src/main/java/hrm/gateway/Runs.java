package hrm.gateway;

import hrm.proto.PuzzleResult;
import java.time.Duration;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.TimeUnit;

/** The solver's runs of one {@link Intake}: started by its thread, completed by any. */
final class Runs {
  /**
   * The end of a run.
   *
   * @param failure null when there is a result
   */
  record Completion(Holding holding, Entry entry, PuzzleResult result, Throwable failure) {}

  private final BlockingDeque<Completion> complete = new LinkedBlockingDeque<>();
  private final Solver solver;
  private final Tally tally;

  Runs(Solver solver, Tally tally) {
    this.solver = solver;
    this.tally = tally;
  }

  void start(Entry entry, Holding holding) {
    if (entry.attempt > 1) {
      tally.redelivered.increment();
    }
    tally.running.incrementAndGet();
    solve(entry)
        .whenComplete(
            (result, thrown) -> {
              tally.running.decrementAndGet();
              complete.add(new Completion(holding, entry, result, cause(result, thrown)));
            });
  }

  boolean anyComplete() {
    return !complete.isEmpty();
  }

  /** Waits for the end of a run, at most so long. */
  void await(Duration limit) {
    try {
      Completion first = complete.pollFirst(limit.toNanos(), TimeUnit.NANOSECONDS);
      if (first != null) {
        complete.addFirst(first); // only this thread takes
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Null when there is none. */
  Completion next() {
    return complete.poll();
  }

  private CompletionStage<PuzzleResult> solve(Entry entry) {
    try {
      return solver.solve(entry.job, entry.attempt);
    } catch (RuntimeException | Error e) { // of this job: it counts, or it would come for ever
      return CompletableFuture.failedFuture(e);
    }
  }

  private static Throwable cause(PuzzleResult result, Throwable thrown) {
    if (thrown == null && result == null) {
      return new IllegalStateException("the solver answered null");
    }
    boolean wrapped = thrown instanceof CompletionException && thrown.getCause() != null;
    return wrapped ? thrown.getCause() : thrown;
  }
}
