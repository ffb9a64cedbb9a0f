package hrm.cluster.models;

import java.io.PrintStream;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * How far the making of puzzles is: nothing in the first second; then refreshed in place on a
 * terminal, a line now and then elsewhere.
 */
final class MakingProgress {
  private static final long SILENT_NANOS = 1_000_000_000L;
  private static final long FRAME_NANOS = 200_000_000L;
  private static final long LINE_NANOS = 10_000_000_000L;

  private final PrintStream out;
  private final boolean terminal;
  private final String what;
  private final int puzzles;
  private final LongSupplier nanoTime;
  private final long began;
  private long due;
  private boolean shown;

  /**
   * @param kind of puzzle
   * @param puzzles to be made in all
   */
  MakingProgress(
      PrintStream out, boolean terminal, String kind, int puzzles, LongSupplier nanoTime) {
    this.out = out;
    this.terminal = terminal;
    this.what = String.format(Locale.ROOT, "making %,d puzzles of %s", puzzles, kind);
    this.puzzles = puzzles;
    this.nanoTime = nanoTime;
    this.began = nanoTime.getAsLong();
    this.due = began + SILENT_NANOS;
  }

  /** The launcher knows whether stderr is a terminal. */
  static MakingProgress onStderr(String kind, int puzzles) {
    return new MakingProgress(
        System.err, Boolean.getBoolean("hrm.terminal"), kind, puzzles, System::nanoTime);
  }

  /**
   * @param done so far
   */
  void made(int done) {
    long now = nanoTime.getAsLong();
    if (now - due < 0) {
      return;
    }
    due = now + (terminal ? FRAME_NANOS : LINE_NANOS);
    shown = true;
    double perSecond = done / ((now - began) / 1e9);
    String line =
        String.format(
            Locale.ROOT,
            "%s: %,d made, %.0f/s, %.0f s left",
            what,
            done,
            perSecond,
            (puzzles - done) / perSecond);
    out.print(terminal ? "\r\033[K" + line : line + System.lineSeparator());
    out.flush();
  }

  /** Whether a line stands there without its end. */
  boolean isOpen() {
    return terminal && shown;
  }

  /** Clears the line for what comes next. */
  void end() {
    if (isOpen()) {
      out.print("\r\033[K");
      out.flush();
    }
  }
}
