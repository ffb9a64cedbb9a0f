package hrm.cluster.trace;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Whether the thinking came to rest.
 *
 * @param decided index of the cycle from which the board no longer changes; empty without boards
 * @param flips times that a cell took back a value which it had given up before; a planner that
 *     begins anew gives nothing up
 */
public record Convergence(Mark mark, Optional<Integer> decided, int flips) {
  /** How it stands. */
  public enum Mark {
    /** The state rests. */
    SETTLED("settled"),
    /** The state moves, and moves no less than before. */
    WANDERING("wandering"),
    /** The state rests on a board that does not answer the puzzle: a wrong fixed point. */
    SETTLED_WRONG("settled-wrong"),
    /** The state is on its way to rest, or was when it halted. */
    THINKING("thinking");

    private final String text;

    Mark(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** A state rests when its last H step moved it by less than this share of its norm. */
  static final double RESTING = 0.05;

  /** It wanders when its last H step is no less than this share of the one two steps before. */
  static final double FALLING = 0.9;

  /** Steps before which nothing is called wandering. */
  private static final int FIRST_STEPS = 4;

  /**
   * @param line of the cycles, those of {@link CycleView#line}
   */
  static Convergence of(
      List<CycleView> cycles, List<CycleView> line, List<MessageView> messages, BoardView board) {
    boolean rests = !line.isEmpty() && rests(line, messages);
    Mark mark =
        !rests
            ? falls(line) ? Mark.THINKING : Mark.WANDERING
            : solved(line, board) ? Mark.SETTLED : Mark.SETTLED_WRONG;
    return new Convergence(mark, decided(cycles), flips(line));
  }

  private static boolean rests(List<CycleView> cycles, List<MessageView> messages) {
    double last = cycles.get(cycles.size() - 1).cycle().getZHResidual();
    // Where no message tells a state's norm, the largest step is what is nearest to it.
    double most = cycles.stream().mapToDouble(c -> c.cycle().getZHResidual()).max().orElse(0);
    double norm = norm(messages).orElse(most);
    return Double.isFinite(last) && norm > 0 && last < RESTING * norm;
  }

  private static boolean falls(List<CycleView> cycles) {
    int last = cycles.size() - 1;
    return last + 1 < FIRST_STEPS
        || cycles.get(last).cycle().getZHResidual()
            < FALLING * cycles.get(last - 2).cycle().getZHResidual();
  }

  /** States are RMS-normalised row by row, so that every one's norm is the root of its size. */
  private static Optional<Double> norm(List<MessageView> messages) {
    return messages.stream()
        .flatMap(message -> message.tensors().stream())
        .filter(tensor -> tensor.getName().equals("zL") || tensor.getName().equals("zH"))
        .map(
            tensor ->
                Math.sqrt(
                    tensor.getShapeList().stream()
                        .mapToDouble(Integer::doubleValue)
                        .reduce(1, (a, b) -> a * b)))
        .filter(norm -> norm > 0 && Double.isFinite(norm))
        .findFirst();
  }

  private static boolean solved(List<CycleView> cycles, BoardView board) {
    CycleView last = cycles.get(cycles.size() - 1);
    return board
        .solves(last.cycle().getBoard())
        .or(() -> last.heads().map(heads -> heads.getSolved()))
        .orElse(true); // nothing says that it is wrong
  }

  private static Optional<Integer> decided(List<CycleView> cycles) {
    Optional<Integer> decided = Optional.empty();
    int[] now = new int[0];
    for (CycleView cycle : cycles) {
      int[] cells = cycle.cells();
      if (cells.length > 0 && !Arrays.equals(cells, now)) {
        decided = Optional.of(cycle.index());
        now = cells;
      }
    }
    return decided;
  }

  private static int flips(List<CycleView> cycles) {
    int flips = 0;
    int[] before = new int[0];
    Set<Long> held = new HashSet<>(); // cell and value that it has had
    for (CycleView cycle : cycles) {
      int[] cells = cycle.cells();
      for (int cell = 0; cell < cells.length; cell++) {
        boolean back = !held.add((long) cell << 32 | cells[cell] & 0xffffffffL);
        flips += back && before.length == cells.length && before[cell] != cells[cell] ? 1 : 0;
      }
      before = cells.length > 0 ? cells : before;
    }
    return flips;
  }
}
