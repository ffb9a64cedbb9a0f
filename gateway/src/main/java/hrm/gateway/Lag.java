package hrm.gateway;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/** How far a node is behind its partitions' ends, measured every half second. */
final class Lag {
  private static final Duration PERIOD = Duration.ofMillis(500);

  private final Consumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, Holding> holdings;
  private final Tally tally;
  private long measured = System.nanoTime();

  Lag(Consumer<byte[], byte[]> consumer, Map<TopicPartition, Holding> holdings, Tally tally) {
    this.consumer = consumer;
    this.holdings = holdings;
    this.tally = tally;
  }

  /** Asks nobody but this consumer, and not every turn: it has to ask its own network thread. */
  void measure() {
    long now = System.nanoTime();
    if (now - measured > PERIOD.toNanos()) {
      measured = now;
      tally.lag = holdings.keySet().stream().mapToLong(this::behind).sum();
      tally.joined = consumer.groupMetadata().generationId() > 0;
      var progress = new LinkedHashMap<Integer, JobSource.Progress>();
      holdings.forEach(
          (partition, holding) ->
              progress.put(
                  partition.partition(),
                  new JobSource.Progress(
                      holding.ledger.aboveLowWater() + behind(partition),
                      holding.ledger.metadata().length())));
      tally.progress = Map.copyOf(progress);
    }
  }

  private long behind(TopicPartition partition) {
    return consumer.currentLag(partition).orElse(0);
  }
}
