package hrm.gateway;

import hrm.proto.PuzzleJob;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * One partition while this node owns it. Another object for every time it is assigned, so that
 * answers to an earlier one are recognised and dropped.
 */
final class Holding {
  /** From this attempt on a job is suspected of killing nodes. */
  static final int SUSPECT_ATTEMPT = 3;

  /** A record that is not finished. */
  static final class Entry {
    final ConsumerRecord<byte[], byte[]> record;
    final PuzzleJob job; // null when unreadable
    final JobRejected unreadable; // null when readable
    int attempt; // of the run in flight
    long notBefore; // System.nanoTime() from which it may be run again
    boolean delayed;

    Entry(ConsumerRecord<byte[], byte[]> record, PuzzleJob job, JobRejected unreadable) {
      this.record = record;
      this.job = job;
      this.unreadable = unreadable;
    }

    long offset() {
      return record.offset();
    }

    String jobId() {
      return job == null ? JobCodec.idOf(record) : job.getId();
    }
  }

  final OffsetLedger ledger;
  final TreeMap<Long, Entry> waiting = new TreeMap<>(); // by offset
  final Map<Long, Entry> inFlight = new LinkedHashMap<>();
  private final int maxAttempts;

  Holding(OffsetLedger ledger, int maxAttempts) {
    this.ledger = ledger;
    this.maxAttempts = maxAttempts;
  }

  /** Waiting jobs that only wait for a free slot. */
  int ready() {
    int ready = 0;
    for (Entry entry : waiting.values()) {
      if (!entry.delayed && !isSuspect(entry) && ledger.hasRoomFor(entry.offset())) {
        ready++;
      }
    }
    return ready;
  }

  boolean isSuspect(Entry entry) {
    return ledger.attempts(entry.offset()) + 1 >= SUSPECT_ATTEMPT;
  }

  boolean isWornOut(Entry entry) {
    return ledger.attempts(entry.offset()) >= maxAttempts;
  }

  long suspectsInFlight() {
    return inFlight.values().stream().filter(e -> e.attempt >= SUSPECT_ATTEMPT).count();
  }

  void dispatch(Entry entry) {
    waiting.remove(entry.offset());
    entry.attempt = ledger.dispatch(entry.offset());
    inFlight.put(entry.offset(), entry);
  }

  void finish(Entry entry) {
    waiting.remove(entry.offset());
    inFlight.remove(entry.offset());
    ledger.finish(entry.offset());
  }

  /** The run failed here; another follows, not before the given System.nanoTime(). */
  void retry(Entry entry, long notBefore) {
    inFlight.remove(entry.offset());
    entry.delayed = true;
    entry.notBefore = notBefore;
    waiting.put(entry.offset(), entry);
  }

  /** The run was never begun; another is, not before the given System.nanoTime(). */
  void refused(Entry entry, long notBefore) {
    ledger.handBack(entry.offset());
    retry(entry, notBefore);
  }

  /** Gives up all jobs in flight in good order: their runs do not count. */
  void handBackAll() {
    inFlight.keySet().forEach(ledger::handBack);
    inFlight.clear();
    waiting.clear();
  }

  /** Attempts in flight by offset. */
  Map<Long, Integer> attemptsInFlight() {
    var attempts = new HashMap<Long, Integer>();
    inFlight.forEach((offset, entry) -> attempts.put(offset, entry.attempt));
    return attempts;
  }
}
