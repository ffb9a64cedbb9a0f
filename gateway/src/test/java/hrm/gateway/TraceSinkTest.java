package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hrm.proto.TraceEvent;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

final class TraceSinkTest {
  private final MockProducer<byte[], byte[]> producer =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());

  @Test
  void offer_brokerThere_isSentUnderJobId() {
    var sink = new TraceSink("trace", "n", () -> producer);
    sink.offer(TraceEvent.newBuilder().setJobId("a").build());
    sink.close();
    assertEquals(
        "a", new String(producer.history().get(0).key(), java.nio.charset.StandardCharsets.UTF_8));
    assertEquals(0, sink.dropped());
  }

  @Test
  void offer_clientThrows_isCounted() {
    producer.sendException = new KafkaException("no");
    var sink = new TraceSink("trace", "n", () -> producer);
    sink.offer(TraceEvent.getDefaultInstance());
    sink.close();
    assertEquals(1, sink.dropped());
  }

  @Test
  void offer_closed_isCounted() {
    var sink = new TraceSink("trace", "n", () -> producer);
    sink.close();
    sink.offer(TraceEvent.getDefaultInstance());
    assertEquals(1, sink.dropped());
  }

  @Test
  void offer_clientCannotBeMade_dropsAllAndThrowsNothing() {
    var sink =
        new TraceSink(
            "trace",
            "n",
            () -> {
              throw new KafkaException("no such host");
            });
    sink.offer(TraceEvent.getDefaultInstance());
    sink.close();
    sink.offer(TraceEvent.getDefaultInstance());
    assertEquals(2, sink.dropped());
  }
}
