package hrm.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads jobs no faster than they find free slots, by pausing partitions. Where those that wait
 * cannot use the slots, it reads on in search of others, as far as memory allows.
 */
final class Throttle {
  /** Heap for waiting records of all partitions; half as much again for those without any. */
  static final long MAX_WAITING_BYTES = 64 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(Throttle.class);
  private static final int MAX_POLL_BYTES = 64 << 20;

  private final Consumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, Holding> holdings;
  private final Runs runs;
  private final Refusals refusals;
  private final Duration pollInterval;
  private final boolean careful;
  private int rotation;

  /**
   * @param holdings of this node's partitions, as they change
   * @param careful whether to read one partition at a time and step over what does not fit the heap
   */
  Throttle(
      Consumer<byte[], byte[]> consumer,
      Map<TopicPartition, Holding> holdings,
      Runs runs,
      Refusals refusals,
      Duration pollInterval,
      boolean careful) {
    this.consumer = consumer;
    this.holdings = holdings;
    this.runs = runs;
    this.refusals = refusals;
    this.pollInterval = pollInterval;
    this.careful = careful;
  }

  /** Records that one poll brings, at most. */
  static int records(GatewaySettings settings, boolean careful) {
    return careful ? 1 : Math.max(1, Math.min(64, MAX_POLL_BYTES / settings.maxRecordBytes()));
  }

  /** What has come, while there are free slots that nothing waits for. */
  ConsumerRecords<byte[], byte[]> read(boolean admitting, int freeSlots) {
    regulate(admitting, freeSlots);
    return poll();
  }

  private void regulate(boolean admitting, int freeSlots) {
    long now = System.nanoTime();
    int ready = holdings.values().stream().mapToInt(h -> h.ready(refusals, now)).sum();
    long bytes = holdings.values().stream().mapToLong(Holding::bytes).sum();
    boolean enough = !admitting || ready >= Math.max(1, freeSlots);
    var go = new ArrayList<TopicPartition>();
    holdings.forEach(
        (partition, holding) -> {
          boolean fits = bytes < MAX_WAITING_BYTES * (holding.waiting() == 0 ? 3 : 2) / 2;
          if (!enough && fits && !holding.ledger.full()) {
            go.add(partition);
          }
        });
    if (careful && !go.isEmpty()) {
      go.retainAll(List.of(go.get(rotation++ % go.size())));
    }
    var stop = new ArrayList<>(holdings.keySet());
    stop.removeAll(go);
    stop.removeAll(consumer.paused());
    go.retainAll(consumer.paused());
    consumer.pause(stop);
    consumer.resume(go);
  }

  /**
   * While all partitions are paused, a waiting poll would spin on the records that were fetched of
   * them already (KAFKA-21084), a core's worth; then the wait is ours.
   */
  private ConsumerRecords<byte[], byte[]> poll() {
    boolean paused = !holdings.isEmpty() && consumer.paused().containsAll(holdings.keySet());
    if (paused) {
      runs.await(pollInterval);
    }
    try {
      return consumer.poll(paused || runs.anyComplete() ? Duration.ZERO : pollInterval);
    } catch (OutOfMemoryError e) {
      return stepOver(e);
    }
  }

  /**
   * A few kilobytes may be half a gigabyte when decompressed, and nobody can say so before. Where
   * one partition is read record by record, that is the one at which it stands, or one before it in
   * the same batch, if the heap has room for all that is allowed.
   */
  private ConsumerRecords<byte[], byte[]> stepOver(OutOfMemoryError e) {
    var read = new ArrayList<>(consumer.assignment());
    read.removeAll(consumer.paused());
    if (!careful || read.size() != 1 || !heapHasRoom()) {
      throw new RecordsTooLarge(e);
    }
    var partition = read.get(0);
    long offset = consumer.position(partition);
    LOG.error(
        "{} at offset {} does not fit the heap when decompressed: given up", partition, offset);
    consumer.seek(partition, offset + 1);
    var instead = List.of(JobCodec.tooLargeToRead(partition, offset));
    return new ConsumerRecords<>(Map.of(partition, instead), Map.of());
  }

  private static boolean heapHasRoom() {
    var java = Runtime.getRuntime();
    long free = java.maxMemory() - java.totalMemory() + java.freeMemory();
    return free >= 2L * Topics.MAX_MESSAGE_BYTES;
  }
}
