package hrm.actors;

import java.util.List;

/**
 * What a message carries for the traces of the jobs in it.
 *
 * @param rows one for each traced job
 * @param sender path of the sender's actor, with its node's address
 * @param hop the message's way to this node's memory
 * @param elsewhereNanos of a Thought: what its Think waited for and what reading and writing it
 *     took, at the worker's end
 */
record Trail(List<TraceContext> rows, String sender, Hop hop, long elsewhereNanos) {
  static final Trail NONE = new Trail(List.of(), "", new Hop(0, 0, 0, 0), 0);

  /**
   * @param at {@link System#nanoTime} at which it was handed over by reference, or had been read
   *     from the wire; 0 for untraced messages
   * @param bytes on the wire; 0 when it was handed over by reference, as are the times
   */
  record Hop(long at, int bytes, long serialiseNanos, long deserialiseNanos) {
    static Hop byReference() {
      return new Hop(System.nanoTime(), 0, 0, 0);
    }

    /** What reading and writing took, and the wait until {@code begun}. */
    long nanosUntil(long begun) {
      return serialiseNanos + deserialiseNanos + begun - at;
    }
  }

  /** Of a message that is about to be sent. */
  static Trail of(List<TraceContext> rows, String sender, long elsewhereNanos) {
    return rows.isEmpty() ? NONE : new Trail(rows, sender, Hop.byReference(), elsewhereNanos);
  }

  static Trail of(TraceContext row, String sender) {
    return of(List.of(row), sender, 0);
  }

  boolean isEmpty() {
    return rows.isEmpty();
  }
}
