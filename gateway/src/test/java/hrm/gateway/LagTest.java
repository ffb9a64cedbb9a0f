package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import hrm.proto.PuzzleJob;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

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

  /** What a lag says in the log while a test runs. */
  private static List<String> said(Runnable test) {
    var log = (Logger) LoggerFactory.getLogger(Lag.class);
    var appender = new ListAppender<ILoggingEvent>();
    appender.start();
    log.addAppender(appender);
    log.setLevel(Level.WARN); // the suite's is ERROR
    try {
      test.run();
    } finally {
      log.setLevel(null);
      log.detachAppender(appender);
    }
    return appender.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
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

  private static Entry job(Holding holding, long offset) {
    var record = new ConsumerRecord<byte[], byte[]>("jobs", 0, offset, null, new byte[0]);
    assertTrue(holding.see(record));
    var entry = new Entry(record, PuzzleJob.newBuilder().setId("job-" + offset).build(), null);
    holding.await(entry);
    return entry;
  }

  @Test
  void jobThatHoldsItsPartitionBack_isNamed_onceEachTimeItDoes() {
    try (var consumer = new MockConsumer<byte[], byte[]>("earliest")) {
      consumer.assign(List.of(jobs));
      consumer.updateEndOffsets(Map.of(jobs, 0L));
      consumer.seek(jobs, 0);
      var holding = new Holding(new OffsetLedger(0, null), 3);
      var lag = new Lag(consumer, Map.of(jobs, holding), tally, ends, () -> nanos);
      Runnable measure =
          () -> {
            nanos += TimeUnit.SECONDS.toNanos(1);
            lag.measure();
          };
      Entry first = job(holding, 0);
      holding.dispatch(first);
      int far = OffsetLedger.WINDOW * 3 / 4;
      Entry second = job(holding, far - 1);
      assertEquals(List.of(), said(measure));
      Entry third = job(holding, far);
      var said =
          said(
              () -> {
                measure.run();
                measure.run();
              });
      assertEquals(1, said.size(), said.toString());
      assertTrue(said.get(0).contains("job-0 at jobs-0, offset 0"), said.get(0));
      assertTrue(said.get(0).contains("12001 of 16000"), said.get(0));
      holding.finish(first);
      holding.finish(second);
      assertEquals(List.of(), said(measure));
      job(holding, 2L * far + 1);
      said = said(measure);
      assertEquals(1, said.size(), said.toString());
      assertTrue(said.get(0).contains("job-12000 at jobs-0, offset 12000"), said.get(0));
      assertEquals(third.offset(), holding.ledger.lowWater());
    }
  }
}
