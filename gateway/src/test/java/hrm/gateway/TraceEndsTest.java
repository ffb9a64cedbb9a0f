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
import org.junit.jupiter.api.Test;

class TraceEndsTest {
  private static final TopicPartition PLACE = new TopicPartition("t", 0);

  @Test
  void poll_findsWhatHasHalted_andCommitsOnlyWhenTold() {
    MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("latest");
    TraceEvent halted =
        TraceEvent.newBuilder()
            .setJobId("j")
            .setAttempt(2)
            .setHalted(Halted.getDefaultInstance())
            .build();
    TraceEvent other = TraceEvent.newBuilder().setCycle(Cycle.getDefaultInstance()).build();
    try (TraceEnds ends = TraceEnds.of(consumer, "t")) {
      consumer.rebalance(List.of(PLACE));
      consumer.updateEndOffsets(Map.of(PLACE, 0L));
      byte[][] values = {other.toByteArray(), {1, 2, 3}, null, halted.toByteArray()};
      for (int i = 0; i < values.length; i++) {
        consumer.addRecord(new ConsumerRecord<>("t", 0, i, new byte[0], values[i]));
      }
      assertEquals(List.of(new TraceEnds.End("j", 2)), ends.poll(Duration.ZERO));
      assertNull(consumer.committed(Set.of(PLACE)).get(PLACE));
      ends.commit();
      assertEquals(4, consumer.committed(Set.of(PLACE)).get(PLACE).offset());
    }
  }
}
