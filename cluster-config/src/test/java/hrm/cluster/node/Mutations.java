package hrm.cluster.node;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import hrm.proto.HaltingPolicy;
import hrm.proto.JobOptions;
import hrm.proto.PuzzleJob;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Job records bent at random: value, encoding, key and headers; the same for the same seed. */
final class Mutations {
  private static final List<String> TYPES =
      List.of(
          "application/protobuf",
          "application/json",
          "application/json; charset=utf-16",
          "text/csv",
          "",
          "\u0000",
          "application/JSON",
          "x".repeat(5000));
  private static final List<String> NAMES =
      List.of(
          "content-type",
          "traceparent",
          "tracestate",
          "ce_id",
          "ce_type",
          "hrm-job-id",
          "hrm-attempt",
          "hrm-failure",
          "__dlq.errors.topic",
          "correlation-id",
          "reply-to",
          "");
  private static final List<String> JSON =
      List.of(
          "{",
          "[]",
          "null",
          "{\"text\":1e999}",
          "{\"id\":{}}",
          "{\"options\":{\"maxSegments\":-1}}",
          "{\"text\":\"1\",\"text\":\"2\"}",
          "[".repeat(20_000),
          "{\"options\":".repeat(3_000),
          "{\"tokens\":{\"values\":[" + "1,".repeat(9_999) + "1]}}",
          "{\"unknown\":true}",
          "{\"text\":\"\\ud800\"}",
          "{\"puzzleIdentifier\":9999999999}",
          "\ufeff{}");

  private final Random random;
  private final String topic;
  private int count;

  Mutations(Random random, String topic) {
    this.random = random;
    this.topic = topic;
  }

  ProducerRecord<byte[], byte[]> next() {
    count++;
    PuzzleJob job = job();
    boolean json = random.nextInt(3) == 0;
    byte[] value = json ? json(job) : job.toByteArray();
    for (int times = random.nextInt(4); times > 0; times--) {
      value = bend(value);
    }
    byte[] key =
        random.nextInt(10) == 0
            ? noise(random.nextInt(300))
            : job.getId().getBytes(StandardCharsets.UTF_8);
    var record = new ProducerRecord<>(topic, null, random.nextInt(20) == 0 ? null : key, value);
    if (json || random.nextInt(4) == 0) {
      String type =
          random.nextInt(5) == 0 ? TYPES.get(random.nextInt(TYPES.size())) : "application/json";
      record.headers().add("content-type", type.getBytes(StandardCharsets.UTF_8));
    }
    for (int more = random.nextInt(4) == 0 ? random.nextInt(6) : 0; more > 0; more--) {
      record
          .headers()
          .add(
              NAMES.get(1 + random.nextInt(NAMES.size() - 1)),
              random.nextInt(5) == 0 ? null : noise(random.nextInt(200)));
    }
    return record;
  }

  private PuzzleJob job() {
    PuzzleJob.Builder job = PuzzleJob.newBuilder().setId("fuzz-" + count);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 16; i++) {
      text.append(random.nextInt(3) == 0 ? "1234".charAt(random.nextInt(4)) : '.');
    }
    job.setText(text.toString());
    JobOptions.Builder options = JobOptions.newBuilder();
    options.setMaxSegments(random.nextInt(6) - 1);
    options.setHalting(HaltingPolicy.forNumber(random.nextInt(HaltingPolicy.values().length - 1)));
    return random.nextBoolean() ? job.setOptions(options).build() : job.build();
  }

  private byte[] json(PuzzleJob job) {
    if (random.nextInt(6) == 0) {
      return JSON.get(random.nextInt(JSON.size())).getBytes(StandardCharsets.UTF_8);
    }
    try {
      return JsonFormat.printer().print(job).getBytes(StandardCharsets.UTF_8);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] bend(byte[] value) {
    if (value.length == 0) {
      return noise(random.nextInt(50));
    }
    int at = random.nextInt(value.length);
    byte[] bent = value.clone();
    switch (random.nextInt(7)) {
      case 0 -> bent[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> bent = Arrays.copyOf(value, at);
      case 2 -> bent = join(Arrays.copyOf(value, at), noise(random.nextInt(20)), rest(value, at));
      case 3 -> bent = join(value, value, new byte[0]);
      case 4 -> bent[at] = (byte) random.nextInt(256);
      case 5 -> bent = noise(random.nextInt(500));
      default ->
          bent = join(Arrays.copyOf(value, at), new byte[] {-1, -1, -1, -1, 15}, rest(value, at));
    }
    return bent;
  }

  private static byte[] rest(byte[] value, int from) {
    return Arrays.copyOfRange(value, from, value.length);
  }

  private static byte[] join(byte[] one, byte[] two, byte[] three) {
    byte[] all = Arrays.copyOf(one, one.length + two.length + three.length);
    System.arraycopy(two, 0, all, one.length, two.length);
    System.arraycopy(three, 0, all, one.length + two.length, three.length);
    return all;
  }

  private byte[] noise(int length) {
    byte[] noise = new byte[length];
    random.nextBytes(noise);
    return noise;
  }
}
