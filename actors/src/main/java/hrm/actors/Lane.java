package hrm.actors;

import hrm.model.Carry;
import hrm.model.HiddenState;

/** One batch of slots whose carry travels together, and the cycle it waits for. */
final class Lane {
  final int index;
  final SlotTable<Slot> table;

  /** Null while nobody sits here. */
  Carry carry;

  /** Input embeddings (B, S, D) of the rows; null while nobody sits here. */
  HiddenState inputs;

  /** Running number of the cycle that a worker is thinking about; 0 while none is. */
  long cycle;

  /** Cycles of the segment that are done. */
  int cycles;

  /** How often the present cycle was sent, and how often a worker failed on it. */
  int sends;

  int falters;

  /** {@link System#nanoTime} of when it was last sent. */
  long asked;

  Lane(int index, int slots) {
    this.index = index;
    this.table = new SlotTable<>(slots);
  }

  boolean idle() {
    return carry == null;
  }

  boolean traced() {
    return table.rows().stream().anyMatch(slot -> slot.trace.on());
  }

  /** The next cycle begins under this number. */
  void expect(long number) {
    cycle = number;
    sends = 0;
    falters = 0;
  }
}
