package hrm.gateway;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far a node is behind its partitions' ends, measured every half second. */
final class Lag {
  private static final Logger LOG = LoggerFactory.getLogger(Lag.class);
  private static final Duration PERIOD = Duration.ofMillis(500);

  private final Consumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, Holding> holdings;
  private final Tally tally;
  private final TopicEnds ends;
  private final LongSupplier nanos;
  private long measured;

  /**
   * @param nanos time in nanoseconds, from any origin
   */
  Lag(
      Consumer<byte[], byte[]> consumer,
      Map<TopicPartition, Holding> holdings,
      Tally tally,
      TopicEnds ends,
      LongSupplier nanos) {
    this.consumer = consumer;
    this.holdings = holdings;
    this.tally = tally;
    this.ends = ends;
    this.nanos = nanos;
    this.measured = nanos.getAsLong();
  }

  /** Waits for nobody. */
  void measure() {
    long now = nanos.getAsLong();
    if (now - measured > PERIOD.toNanos()) {
      measured = now;
      ends.ask(Set.copyOf(holdings.keySet()));
      tally.lag = holdings.keySet().stream().mapToLong(this::behind).sum();
      tally.joined = consumer.groupMetadata().generationId() > 0;
      var progress = new LinkedHashMap<Integer, JobSource.Progress>();
      holdings.forEach(
          (partition, holding) ->
              progress.put(
                  partition.partition(),
                  new JobSource.Progress(
                      holding.ledger.aboveLowWater() + behind(partition),
                      holding.ledger.aboveLowWater(),
                      holding.ledger.metadata().length())));
      tally.progress = Map.copyOf(progress);
      holdings.forEach(
          (partition, holding) ->
              holding.straggler().ifPresent(entry -> warn(partition, holding, entry)));
    }
  }

  private static void warn(TopicPartition partition, Holding holding, Entry entry) {
    LOG.atWarn()
        .addKeyValue("job_id", Headers.printable(entry.jobId()))
        .log(
            "{} at {}, offset {} is unfinished and holds back its partition: {} of {} records have"
                + " been read beyond it, then no more are. Give such jobs a deadline.",
            Headers.printable(entry.jobId()),
            partition,
            entry.offset(),
            holding.ledger.aboveLowWater(),
            OffsetLedger.WINDOW);
  }

  /** The consumer's lag is of its last fetch, the end of the last question: whichever is later. */
  private long behind(TopicPartition partition) {
    OptionalLong fetched = consumer.currentLag(partition);
    if (fetched.isEmpty()) {
      return 0; // its position is not known yet
    }
    return Math.max(fetched.getAsLong(), ends.end(partition) - consumer.position(partition));
  }
}
