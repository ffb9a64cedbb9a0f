package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import hrm.proto.Cycle;
import hrm.proto.Halted;
import hrm.proto.TraceEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TraceEndsTest {
  private static final TopicPartition PLACE = new TopicPartition("t", 0);

  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("latest");
  private final TraceEnds ends = new GroupTraceEnds(consumer, "t");

  private void add(long offset, byte[] value) {
    consumer.addRecord(new ConsumerRecord<>("t", 0, offset, new byte[0], value));
  }

  private static byte[] halted(int attempt) {
    return TraceEvent.newBuilder()
        .setJobId("j")
        .setAttempt(attempt)
        .setRun(7)
        .setHalted(Halted.getDefaultInstance())
        .build()
        .toByteArray();
  }

  private Long committed() {
    var at = consumer.committed(Set.of(PLACE)).get(PLACE);
    return at == null ? null : at.offset();
  }

  @BeforeEach
  void assign() {
    consumer.rebalance(List.of(PLACE));
    consumer.updateEndOffsets(Map.of(PLACE, 0L));
    ends.poll(Duration.ZERO);
  }

  @Test
  void poll_findsWhatHasHalted_andCommitsUpToTheFirstThatIsNotDone() {
    TraceEvent other = TraceEvent.newBuilder().setCycle(Cycle.getDefaultInstance()).build();
    byte[][] values = {other.toByteArray(), {1, 2, 3}, null, halted(2), halted(3), halted(4)};
    for (int i = 0; i < values.length; i++) {
      add(i, values[i]);
    }
    List<TraceEnds.End> polled = ends.poll(Duration.ZERO);
    assertEquals(
        List.of(
            new TraceEnds.End("j", 2, 7, 0, 3),
            new TraceEnds.End("j", 3, 7, 0, 4),
            new TraceEnds.End("j", 4, 7, 0, 5)),
        polled);
    assertNull(committed());
    ends.commit();
    assertEquals(3, committed());
    ends.done(polled.get(1));
    ends.commit();
    assertEquals(3, committed(), "the one before is not done");
    ends.done(polled.get(0));
    ends.commit();
    assertEquals(5, committed(), "though the last is not done");
    ends.done(polled.get(2));
    ends.commit();
    assertEquals(6, committed());
  }

  @Test
  void newMember_commitsWhereItBegins_soThatTheNextBeginsThereToo() {
    ends.commit();
    assertEquals(0, committed());
  }

  @Test
  void lostPartition_isNotCommittedAnyMore() {
    add(0, halted(1));
    TraceEnds.End end = ends.poll(Duration.ZERO).get(0);
    consumer.rebalance(List.of());
    ends.done(end);
    ends.commit();
    assertNull(committed());
  }
}
