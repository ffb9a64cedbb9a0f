package hrm.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever of a record is large, what becomes of it fits the topic that it goes to. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
final class LargeRecordsIT {
  private static final int MIB = 1 << 20;
  private static final int INNOCENTS = 5;
  private static final int LETTERS = 6;

  @TempDir Path directory;

  private static final Solver ECHO =
      new Solver() {
        @Override
        public CompletionStage<PuzzleResult> solve(PuzzleJob job, int attempt) {
          return CompletableFuture.completedFuture(
              PuzzleResult.newBuilder().setJobId(job.getId()).setModel("echoes").build());
        }

        @Override
        public int capacity() {
          return 8;
        }
      };

  /**
   * @param topicBytes of the topics of answers and dead letters: ours, and Kafka's default
   */
  @ParameterizedTest
  @ValueSource(ints = {Topics.MAX_MESSAGE_BYTES, 1_048_588})
  void records_largeInAnyPart_areAnsweredOrDeadLetters(int topicBytes) throws Exception {
    try (var stage = new Stage(directory);
        var reader = ResultReader.fromEnd(stage.settings);
        var source = new JobSource(stage.settings, ECHO, "n")) {
      shrink(stage.settings, topicBytes);
      sendAll(stage.settings);
      source.start();
      var ended = new HashSet<String>();
      while (ended.size() < INNOCENTS + 1 + LETTERS) {
        reader.poll(Duration.ofMillis(100)).forEach(outcome -> ended.add(outcome.jobId()));
      }
      source.close();
      assertEquals(0, source.stats().aborted());
      var outcomes = stage.outcomes();
      assertEquals(0, Stage.duplicates(outcomes));
      assertEquals(LETTERS, outcomes.values().stream().filter(LargeRecordsIT::failed).count());
      assertInstanceOf(Outcome.Answered.class, outcomes.get("correlated").get(0));
    }
  }

  private static boolean failed(List<Outcome> outcomes) {
    return outcomes.get(0) instanceof Outcome.Failed;
  }

  private static void shrink(GatewaySettings settings, int bytes) throws Exception {
    var change =
        List.of(
            new AlterConfigOp(
                new ConfigEntry("max.message.bytes", Integer.toString(bytes)),
                AlterConfigOp.OpType.SET));
    try (Admin admin = Admin.create(KafkaProps.admin(settings))) {
      admin
          .incrementalAlterConfigs(
              Map.of(
                  new ConfigResource(ConfigResource.Type.TOPIC, settings.topics().results()),
                  change,
                  new ConfigResource(ConfigResource.Type.TOPIC, settings.topics().deadLetters()),
                  change))
          .all()
          .get();
    }
  }

  /** All in one partition; what is large is compressed, or it would not pass. */
  private static void sendAll(GatewaySettings settings) {
    var properties = KafkaProps.jobs(settings);
    properties.put("compression.type", "zstd");
    properties.put("max.request.size", 64 * MIB);
    properties.put("buffer.memory", (long) 64 * MIB);
    String jobs = settings.topics().jobs();
    try (var producer = new KafkaProducer<byte[], byte[]>(properties)) {
      producer.send(new ProducerRecord<>(jobs, 0, filled(6 * MIB, 'k'), null));
      producer.send(new ProducerRecord<>(jobs, 0, filled(2 * MIB, 0xff), new byte[0]));
      producer.send(new ProducerRecord<>(jobs, 0, "noise".getBytes(UTF_8), filled(1_048_000, 9)));
      producer.send(new ProducerRecord<>(jobs, 0, null, job("\u0001".repeat(MIB * 9 / 10))));
      var longField = new ProducerRecord<>(jobs, 0, (byte[]) null, json(filled(1_000_000, 0xff)));
      longField.headers().add(Headers.CONTENT_TYPE, Headers.JSON.getBytes(UTF_8));
      producer.send(longField);
      var manyHeaders = new ProducerRecord<>(jobs, 0, "many".getBytes(UTF_8), new byte[0]);
      for (int i = 0; i < 500_000; i++) {
        manyHeaders.headers().add("", null);
      }
      producer.send(manyHeaders);
      var correlated = new ProducerRecord<>(jobs, 0, (byte[]) null, job("correlated"));
      correlated.headers().add("correlation-id", new byte[17 * MIB]);
      producer.send(correlated);
      for (int i = 0; i < INNOCENTS; i++) {
        producer.send(new ProducerRecord<>(jobs, 0, null, job("good-" + i)));
      }
    }
  }

  private static byte[] job(String id) {
    return PuzzleJob.newBuilder().setId(id).setText("1.3").build().toByteArray();
  }

  private static byte[] json(byte[] field) {
    byte[] json = ("{\"" + "x".repeat(field.length) + "\":1}").getBytes(UTF_8);
    System.arraycopy(field, 0, json, 2, field.length);
    return json;
  }

  private static byte[] filled(int length, int with) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) with);
    return bytes;
  }
}
