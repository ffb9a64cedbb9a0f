package hrm.gateway;

import java.util.NavigableSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is known of one partition's jobs: which are finished, which have been dispatched and how
 * often. Jobs finish out of order; all that a later owner must know travels in the metadata of the
 * offset that is committed, so what is dispatched counts as dispatched once that commit is done.
 *
 * <p>Offsets need not be contiguous (transaction markers, compaction): nothing here adds 1 to an
 * offset and expects a record there. Not thread-safe.
 */
final class OffsetLedger {
  /** Furthest distance from the low-water mark at which a job may be dispatched, in offsets. */
  static final int WINDOW = 16_000;

  /** Distance at which the oldest unfinished job is said to hold its partition back. */
  static final int NEARLY_FULL = WINDOW * 3 / 4;

  /** Most jobs dispatched and unfinished at a time; with {@link #WINDOW}, keeps metadata short. */
  static final int MAX_DISPATCHED = 320;

  private final NavigableSet<Long> unfinished = new TreeSet<>(); // seen by this owner
  private final NavigableSet<Long> finished; // above the low-water mark, by any owner
  private final TreeMap<Long, Integer> attempts; // dispatched by any owner, unfinished
  private long next; // first offset that this owner has not seen
  private long committed; // low-water mark of the last commit
  private boolean changed; // since then, other than by the low-water mark

  /**
   * Takes over from earlier owners.
   *
   * @param offset the committed offset, or where reading begins when there is none
   * @param metadata as committed with it; null or empty when there is none
   * @throws IllegalArgumentException when the metadata was not written by this class
   */
  OffsetLedger(long offset, String metadata) {
    var known = LedgerText.decode(offset, metadata);
    finished = known.finished();
    attempts = known.attempts();
    next = offset;
    committed = offset;
  }

  /** The first offset that has not been seen. */
  long next() {
    return next;
  }

  /** Takes note of a record; false when it needs no work: finished, or seen already. */
  boolean see(long offset) {
    if (offset < next) {
      return false;
    }
    next = offset + 1;
    boolean isNew = !finished.contains(offset) && unfinished.add(offset);
    prune();
    return isNew;
  }

  /** Whether a seen job may be dispatched or finished now without outgrowing the metadata. */
  boolean hasRoomFor(long offset) {
    return offset - lowWater() < WINDOW
        && (attempts.containsKey(offset) || attempts.size() < MAX_DISPATCHED);
  }

  /** How often a job has been dispatched, by all owners together. */
  int attempts(long offset) {
    return attempts.getOrDefault(offset, 0);
  }

  /**
   * Dispatches a seen job.
   *
   * @return its attempt, from 1
   */
  int dispatch(long offset) {
    if (!unfinished.contains(offset) || !hasRoomFor(offset)) {
      throw new IllegalStateException("offset " + offset + " may not be dispatched: " + this);
    }
    changed = true;
    return attempts.merge(offset, 1, Integer::sum);
  }

  /** The log has been cut back: what was known from this offset on is of other records. */
  void cutBack(long offset) {
    unfinished.tailSet(offset).clear();
    finished.tailSet(offset).clear();
    attempts.tailMap(offset).clear();
    next = offset;
    changed = true;
  }

  /** Takes a dispatch back: the job was given up in good order, its run does not count. */
  void handBack(long offset) {
    changed = true;
    attempts.computeIfPresent(offset, (o, n) -> n == 1 ? null : n - 1);
  }

  /** The job's answer or dead letter goes into the next transaction. */
  void finish(long offset) {
    if (!unfinished.remove(offset)) {
      throw new IllegalStateException("offset " + offset + " is not unfinished: " + this);
    }
    attempts.remove(offset);
    finished.add(offset);
    changed = true;
    prune();
  }

  /** The offset to commit: every job below it is finished. */
  long lowWater() {
    return unfinished.isEmpty() ? next : unfinished.first();
  }

  /** Offsets from the low-water mark to the last record seen. */
  long aboveLowWater() {
    return next - lowWater();
  }

  /** What to commit with {@link #lowWater()}; below 4096 characters of ASCII. */
  String metadata() {
    return LedgerText.encode(lowWater(), finished, attempts);
  }

  /** Whether no more records should be read until older jobs are finished. */
  boolean full() {
    boolean noneMay = attempts.size() >= MAX_DISPATCHED && attempts.lastKey() < next;
    return noneMay || next - lowWater() >= WINDOW;
  }

  /** Whether there is something to commit. */
  boolean changed() {
    return changed || lowWater() != committed;
  }

  /** The present state has been committed. */
  void rebase() {
    committed = lowWater();
    changed = false;
  }

  private void prune() {
    long lowWater = lowWater();
    finished.headSet(lowWater).clear();
    attempts.headMap(lowWater).clear();
  }

  @Override
  public String toString() {
    return "low water %d, next %d, %d unfinished, %d finished above, %d dispatched"
        .formatted(lowWater(), next, unfinished.size(), finished.size(), attempts.size());
  }
}
