package hrm.gateway;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads jobs no faster than they find free slots, by pausing partitions. Where those that wait
 * cannot use the slots, it reads on in search of others, as far as memory allows.
 */
final class Throttle {
  /** Heap for waiting records of all partitions; half as much again for those without any. */
  static final long MAX_WAITING_BYTES = 64 << 20;

  private final Consumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, Holding> holdings;
  private final Runs runs;
  private final Refusals refusals;
  private final Duration pollInterval;

  /**
   * @param holdings of this node's partitions, as they change
   */
  Throttle(
      Consumer<byte[], byte[]> consumer,
      Map<TopicPartition, Holding> holdings,
      Runs runs,
      Refusals refusals,
      Duration pollInterval) {
    this.consumer = consumer;
    this.holdings = holdings;
    this.runs = runs;
    this.refusals = refusals;
    this.pollInterval = pollInterval;
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
    var stop = new ArrayList<TopicPartition>();
    var go = new ArrayList<TopicPartition>();
    var paused = consumer.paused();
    holdings.forEach(
        (partition, holding) -> {
          boolean fits = bytes < MAX_WAITING_BYTES * (holding.waiting() == 0 ? 3 : 2) / 2;
          boolean wanted = !enough && fits && !holding.ledger.full();
          if (wanted && paused.contains(partition)) {
            go.add(partition);
          } else if (!wanted && !paused.contains(partition)) {
            stop.add(partition);
          }
        });
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
    return consumer.poll(paused || runs.anyComplete() ? Duration.ZERO : pollInterval);
  }
}
