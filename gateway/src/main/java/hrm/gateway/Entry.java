package hrm.gateway;

import hrm.proto.PuzzleJob;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A record that is not finished. */
final class Entry {
  /** What jobs have in common that go to the same model, and find room there together or not. */
  record Kind(String model, int cells) {}

  /** Heap for the objects of one entry, generously. */
  private static final int OBJECTS = 4 << 10;

  final ConsumerRecord<byte[], byte[]> record;
  final PuzzleJob job; // null when unreadable
  final JobRejected unreadable; // null when readable
  final Kind kind; // null when unreadable
  final long bytes; // of heap, about
  int attempt; // of the run in flight
  int survived; // runs that failed here without anybody's death
  private boolean delayed;
  private long notBefore; // System.nanoTime() from which it may be run again

  Entry(ConsumerRecord<byte[], byte[]> record, PuzzleJob job, JobRejected unreadable) {
    this.record = record;
    this.job = job;
    this.unreadable = unreadable;
    kind = job == null ? null : new Kind(job.getModel(), cells(job));
    bytes =
        TopicLimits.bytes(record.key(), record.value(), record.headers())
            + (job == null ? 0 : job.getSerializedSize())
            + OBJECTS;
  }

  private static int cells(PuzzleJob job) {
    return job.hasTokens() ? job.getTokens().getValuesCount() : job.getText().length();
  }

  long offset() {
    return record.offset();
  }

  String jobId() {
    return job == null ? JobCodec.idOf(record) : job.getId();
  }

  /** Not to be run before the given System.nanoTime(). */
  void delay(long notBefore) {
    delayed = true;
    this.notBefore = notBefore;
  }

  boolean isDue(long now) {
    return !delayed || now - notBefore >= 0;
  }
}
