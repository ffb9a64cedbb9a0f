package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

final class OutboxTest {
  private static final int ROOM = 4096;

  private final GatewaySettings settings = GatewaySettings.from(ConfigFactory.defaultReference());
  private final MockProducer<byte[], byte[]> producer =
      new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
  private final Outbox outbox =
      new Outbox(settings, "n", producer, new Tally(), new TopicLimits(ROOM, 1 << 20));

  /** What is written about a job whose answer has so long a text. */
  private ProducerRecord<byte[], byte[]> written(int length) {
    var holding = new Holding(new OffsetLedger(42, null), 5);
    holding.ledger.see(42);
    var job = PuzzleJob.newBuilder().setId("a").setText("1").build();
    var entry = new Holding.Entry(Records.job("a", job.toByteArray()), job, null);
    var result = PuzzleResult.newBuilder().setText("x".repeat(length)).build();
    outbox.answer(holding, entry, result);
    producer.clear();
    outbox.commit(
        Map.of(new TopicPartition("jobs", 1), holding), () -> new ConsumerGroupMetadata("g"));
    assertEquals(1, producer.history().size());
    return producer.history().get(0);
  }

  @Test
  void answer_tooLargeForItsTopic_isADeadLetterThatSaysSo() {
    producer.initTransactions();
    var answer = written(ROOM / 2);
    assertEquals("hrm.results.v1", answer.topic());
    long others = TopicLimits.bytes(answer.key(), answer.value(), answer.headers()) - ROOM / 2;
    assertEquals("hrm.results.v1", written((int) (ROOM - others)).topic());
    var letter = written((int) (ROOM - others + 1));
    assertEquals("dlq.hrm.jobs.v1", letter.topic());
    String why = Headers.text(letter.headers(), "__dlq.errors.message");
    assertTrue(why.contains("4097 bytes, the results topic takes 4096"), why);
  }
}
