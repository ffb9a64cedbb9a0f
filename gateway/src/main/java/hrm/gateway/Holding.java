package hrm.gateway;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One partition while this node owns it. Another object for every time it is assigned, so that
 * answers to an earlier one are recognised and dropped.
 */
final class Holding {
  private static final Logger LOG = LoggerFactory.getLogger(Holding.class);

  /** A job whose run would be the third that may end with a death is suspected of killing nodes. */
  private static final int SUSPECT_ATTEMPT = 3;

  final OffsetLedger ledger;
  final Map<Long, Entry> inFlight = new LinkedHashMap<>();

  private final TreeMap<Long, Entry> waiting = new TreeMap<>(); // by offset
  private final int maxAttempts;
  private long bytes; // of those that wait
  private boolean heldBack; // as was said

  Holding(OffsetLedger ledger, int maxAttempts) {
    this.ledger = ledger;
    this.maxAttempts = maxAttempts;
  }

  /**
   * Whether a record is news. A consumer goes back by itself only if the log ends before the offset
   * that it had reached: it was restored from a backup, or a replica that was behind took over.
   */
  boolean see(ConsumerRecord<?, ?> record) {
    if (record.offset() < ledger.next()) {
      LOG.error(
          "{}-{} had been read up to offset {} and goes on at {}: it was restored or cut back. What"
              + " is there now is taken for new jobs.",
          record.topic(),
          record.partition(),
          ledger.next(),
          record.offset());
      cutBack(record.offset());
    }
    return ledger.see(record.offset());
  }

  /** Waits for its first run or its next. */
  void await(Entry entry) {
    waiting.put(entry.offset(), entry);
    bytes += entry.bytes;
  }

  private void leave(Entry entry) {
    if (waiting.remove(entry.offset()) != null) {
      bytes -= entry.bytes;
    }
  }

  int waiting() {
    return waiting.size();
  }

  /** Heap of those that wait, about. */
  long bytes() {
    return bytes;
  }

  /** Shows all that wait, by offset; each may leave meanwhile. */
  void forEachWaiting(Consumer<Entry> action) {
    for (var at = waiting.firstEntry(); at != null; at = waiting.higherEntry(at.getKey())) {
      action.accept(at.getValue());
    }
  }

  /** Waiting jobs that only wait for a free slot. */
  int ready(Refusals refusals, long now) {
    int ready = 0;
    for (Entry entry : waiting.values()) {
      if (entry.isDue(now)
          && !isSuspect(entry)
          && refusals.mayTry(entry.kind, now)
          && ledger.hasRoomFor(entry.offset())) {
        ready++;
      }
    }
    return ready;
  }

  /** Runs that failed in this process have killed nobody; of others' it is not known. */
  boolean isSuspect(Entry entry) {
    return ledger.attempts(entry.offset()) + 1 - entry.survived >= SUSPECT_ATTEMPT;
  }

  boolean isWornOut(Entry entry) {
    return ledger.attempts(entry.offset()) >= maxAttempts;
  }

  boolean isNextTheLast(Entry entry) {
    return ledger.attempts(entry.offset()) + 1 >= maxAttempts;
  }

  Stream<Entry> suspectsInFlight() {
    return inFlight.values().stream().filter(e -> e.attempt - e.survived >= SUSPECT_ATTEMPT);
  }

  void dispatch(Entry entry) {
    leave(entry);
    entry.attempt = ledger.dispatch(entry.offset());
    inFlight.put(entry.offset(), entry);
  }

  void finish(Entry entry) {
    leave(entry);
    inFlight.remove(entry.offset());
    ledger.finish(entry.offset());
  }

  /**
   * The run failed; another follows.
   *
   * @param survived whether it is known that nobody died of it
   * @param notBefore System.nanoTime() before which it does not
   */
  void retry(Entry entry, boolean survived, long notBefore) {
    inFlight.remove(entry.offset());
    entry.survived += survived ? 1 : 0;
    entry.delay(notBefore);
    await(entry);
  }

  /** The run was never begun; another is, when there may be room. */
  void refused(Entry entry) {
    inFlight.remove(entry.offset());
    ledger.handBack(entry.offset());
    await(entry);
  }

  /** The records from this offset on are gone, and the runs of their jobs of no interest. */
  private void cutBack(long offset) {
    ledger.cutBack(offset);
    List.copyOf(waiting.tailMap(offset).values()).forEach(this::leave);
    inFlight.keySet().removeIf(job -> job >= offset);
  }

  /**
   * The oldest unfinished job, when it begins to hold the partition back; empty until it or the
   * next one does so anew.
   */
  Optional<Entry> straggler() {
    boolean was = heldBack;
    heldBack = ledger.aboveLowWater() > OffsetLedger.NEARLY_FULL;
    long oldest = ledger.lowWater();
    return heldBack && !was
        ? Optional.ofNullable(inFlight.getOrDefault(oldest, waiting.get(oldest)))
        : Optional.empty();
  }

  /** Gives up all jobs in flight in good order: their runs do not count. */
  void handBackAll() {
    inFlight.keySet().forEach(ledger::handBack);
    inFlight.clear();
    waiting.clear();
    bytes = 0;
  }

  /** Attempts in flight by offset. */
  Map<Long, Integer> attemptsInFlight() {
    var attempts = new HashMap<Long, Integer>();
    inFlight.forEach((offset, entry) -> attempts.put(offset, entry.attempt));
    return attempts;
  }
}
