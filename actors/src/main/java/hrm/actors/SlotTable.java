package hrm.actors;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;

/**
 * Who sits in which row of one lane. Rows are compact: between segments those who halted leave, the
 * others move up and newcomers sit behind them.
 */
final class SlotTable<S> {
  private final int capacity;
  private final BitSet halted = new BitSet();
  private List<S> rows = List.of();

  SlotTable(int capacity) {
    this.capacity = capacity;
  }

  List<S> rows() {
    return Collections.unmodifiableList(rows);
  }

  /** Rows that are still thinking. */
  int occupied() {
    return rows.size() - halted.cardinality();
  }

  /** The row's job leaves at the next {@link #reseat}. */
  void halt(int row) {
    halted.set(row);
  }

  boolean halted(int row) {
    return halted.get(row);
  }

  /**
   * How many newcomers this lane takes of those waiting, so that all lanes end up similarly full.
   *
   * @param elsewhere rows occupied in the other lanes
   */
  int share(int elsewhere, int waiting, int lanes) {
    int everybody = occupied() + elsewhere + waiting;
    int fair = (everybody + lanes - 1) / lanes;
    return Math.max(0, Math.min(waiting, Math.min(fair, capacity) - occupied()));
  }

  /**
   * Lets the halted leave and the newcomers sit.
   *
   * @return for every new row, the old row that moves there, or -1 for a newcomer
   */
  int[] reseat(List<S> newcomers) {
    if (occupied() + newcomers.size() > capacity) {
      throw new IllegalStateException(
          "%d newcomers for %d vacant slots".formatted(newcomers.size(), capacity - occupied()));
    }
    List<S> seated = new ArrayList<>();
    int[] from = new int[occupied() + newcomers.size()];
    for (int row = 0; row < rows.size(); row++) {
      if (!halted.get(row)) {
        from[seated.size()] = row;
        seated.add(rows.get(row));
      }
    }
    for (S newcomer : newcomers) {
      from[seated.size()] = -1;
      seated.add(newcomer);
    }
    rows = seated;
    halted.clear();
    return from;
  }
}
