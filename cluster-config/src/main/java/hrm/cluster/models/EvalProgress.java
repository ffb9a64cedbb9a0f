package hrm.cluster.models;

import hrm.model.learn.Outcome;
import java.io.PrintStream;
import java.util.Locale;

/** How far an evaluation is: refreshed in place on a terminal, a line now and then elsewhere. */
final class EvalProgress {
  private static final long FRAME_NANOS = 200_000_000L;
  private static final long LINE_NANOS = 10_000_000_000L;

  private final PrintStream out;
  private final boolean terminal;
  private final int puzzles;
  private final long began = System.nanoTime();
  private long shown = began;
  private int done;
  private int exact;

  EvalProgress(PrintStream out, boolean terminal, int puzzles) {
    this.out = out;
    this.terminal = terminal;
    this.puzzles = puzzles;
  }

  void finished(Outcome outcome) {
    done++;
    exact += outcome.exact() ? 1 : 0;
    long now = System.nanoTime();
    if (now - shown >= (terminal ? FRAME_NANOS : LINE_NANOS)) {
      shown = now;
      double perSecond = done / ((now - began) / 1e9);
      String line =
          String.format(
              Locale.ROOT,
              "%d/%d puzzles, %.1f%% exact, %.1f puzzles/s, %.0f s left",
              done,
              puzzles,
              100.0 * exact / done,
              perSecond,
              (puzzles - done) / perSecond);
      out.print(terminal ? "\r\033[K" + line : line + System.lineSeparator());
      out.flush();
    }
  }

  /** Clears the line for what comes next. */
  void end() {
    if (terminal) {
      out.print("\r\033[K");
      out.flush();
    }
  }
}
