package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

final class LagTest {
  /** Ends that a test says. */
  static final class Ends extends TopicEnds {
    long end;
    Set<TopicPartition> asked = Set.of();

    Ends() {
      super(null);
    }

    @Override
    void ask(Set<TopicPartition> partitions) {
      asked = partitions;
    }

    @Override
    long end(TopicPartition partition) {
      return end;
    }

    @Override
    public void close() {}
  }

  private final TopicPartition jobs = new TopicPartition("jobs", 0);
  private final Tally tally = new Tally();
  private final Ends ends = new Ends();
  private long nanos;

  @Test
  void lag_isOfWhoeverKnowsLater_theConsumerOrTheBrokersAnswer() {
    try (var consumer = new MockConsumer<byte[], byte[]>("earliest")) {
      consumer.assign(List.of(jobs));
      consumer.updateEndOffsets(Map.of(jobs, 9L));
      consumer.seek(jobs, 5);
      var holding = new Holding(new OffsetLedger(2, null), 3);
      var lag = new Lag(consumer, Map.of(jobs, holding), tally, ends, () -> nanos);
      lag.measure();
      assertEquals(0, tally.lag, "measured before half a second is over");
      nanos = TimeUnit.SECONDS.toNanos(1);
      lag.measure();
      assertEquals(4, tally.lag); // the consumer's: the brokers have not answered
      assertEquals(Set.of(jobs), ends.asked);
      nanos = TimeUnit.SECONDS.toNanos(2);
      ends.end = 30;
      lag.measure();
      assertEquals(25, tally.lag);
      consumer.seek(jobs, 30);
      consumer.updateEndOffsets(Map.of(jobs, 33L)); // fetched since the brokers answered
      nanos = TimeUnit.SECONDS.toNanos(3);
      lag.measure();
      assertEquals(3, tally.lag);
    }
  }
}
