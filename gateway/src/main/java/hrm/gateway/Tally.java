package hrm.gateway;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What a {@link JobSource} has counted since it was made, over all its incarnations. */
final class Tally {
  final LongAdder received = new LongAdder();
  final LongAdder completed = new LongAdder();
  final LongAdder deadLettered = new LongAdder();
  final LongAdder redelivered = new LongAdder();
  final LongAdder committed = new LongAdder();
  final LongAdder aborted = new LongAdder();
  final LongAdder failed = new LongAdder();

  /** Runs started whose stage is not complete, wanted or not: they occupy the solver. */
  final AtomicInteger running = new AtomicInteger();

  volatile int partitions;
  volatile int unreadable; // partitions
  volatile int waiting;
  volatile long lag;
  volatile boolean joined;
  volatile Map<Integer, JobSource.Progress> progress = Map.of();
}
