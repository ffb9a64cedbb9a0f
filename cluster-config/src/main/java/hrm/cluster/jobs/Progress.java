package hrm.cluster.jobs;

import hrm.proto.PuzzleResult;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** How a run goes, on stderr: refreshed in place on a terminal, a line now and then elsewhere. */
public final class Progress {
  private static final long FRAME_NANOS = 80_000_000L;
  private static final long LINE_NANOS = 3_000_000_000L;
  private static final double FILL = 0.2;

  private final PrintStream out;
  private final boolean terminal;
  private long begin = System.nanoTime();
  private long shown = System.nanoTime();
  private int height; // lines that the last frame took
  private Board board;
  private Board latest;

  public Progress(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  /** The launcher knows whether stderr is a terminal. */
  public static Progress onStderr() {
    return new Progress(System.err, Boolean.getBoolean("hrm.terminal"));
  }

  /** Something that happens before or after the counting. */
  public void say(String line) {
    height = 0;
    out.println(line);
  }

  /** The counting begins. */
  public void begin() {
    begin = System.nanoTime();
    shown = begin;
  }

  public double seconds() {
    return (System.nanoTime() - begin) / 1e9;
  }

  public void answered(Puzzle puzzle, PuzzleResult result) {
    latest = new Board(puzzle, result);
  }

  /** Shows how far it is, if it is time. */
  public void show(Delivery delivery) {
    long now = System.nanoTime();
    if (now - shown >= (terminal ? FRAME_NANOS : LINE_NANOS)) {
      shown = now;
      draw(delivery, FILL);
    }
  }

  /** Shows the end. */
  public void last(Delivery delivery) {
    draw(delivery, 1);
  }

  private void draw(Delivery delivery, double fill) {
    String line = line(delivery);
    if (!terminal) {
      out.println(line);
      return;
    }
    List<String> frame = new ArrayList<>(List.of(line));
    if (latest != null && (board == null || board.full())) {
      board = latest;
      latest = null;
    }
    if (board != null) {
      board.fill(fill);
      frame.add("");
      frame.addAll(board.rows());
    }
    StringBuilder text = new StringBuilder(height == 0 ? "" : "\033[" + height + "A");
    frame.forEach(row -> text.append(row).append("\033[K\n"));
    out.print(text);
    out.flush();
    height = frame.size();
  }

  private String line(Delivery delivery) {
    double seconds = seconds();
    return "%d/%d done, %d solved, %.1f puzzles/s, %.2f segments each"
        .formatted(
            delivery.results() + delivery.deadLettered(),
            delivery.jobs(),
            delivery.solved(),
            delivery.results() / Math.max(seconds, 1e-3),
            delivery.meanSegments());
  }
}
