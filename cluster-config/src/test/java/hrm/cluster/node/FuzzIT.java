package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Home;
import hrm.cluster.local.Child;
import hrm.cluster.local.Ports;
import hrm.cluster.local.Programs;
import hrm.gateway.GatewaySettings;
import hrm.gateway.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Jobs bent in every way, through Kafka and a real node: it lives, its memory does not grow, and
 * each of them is answered or a dead letter that says why. {@code -Dhrm.fuzz=100000} is the long
 * run.
 */
@Timeout(3600)
class FuzzIT {
  private static final int BATCH = 500;
  private static final Duration START = Duration.ofSeconds(120);

  private final int records = Integer.getInteger("hrm.fuzz", 3_000);
  private final Map<String, Integer> causes = new TreeMap<>();

  @TempDir Path folder;
  private Child broker;
  private Child node;
  private long processId;
  private GatewaySettings settings;
  private int answers;

  @BeforeEach
  void start() throws Exception {
    System.setProperty("hrm.home", Path.of("..").toAbsolutePath().normalize().toString());
    int port = Ports.pair();
    Programs programs = new Programs(Home.get(), false);
    broker = Child.start("broker", programs.broker(folder.resolve("data"), port));
    broker.awaitReady(START);
    Path model = Path.of("../models/sudoku-4x4").toAbsolutePath().normalize();
    node =
        Child.start(
            "node",
            programs.node(
                List.of("-Xmx256m"),
                List.of(
                    "hrm.kafka.bootstrap=127.0.0.1:" + port,
                    "hrm.node.name=fuzz",
                    "hrm.actors.max-segments=4",
                    "hrm.model.path=" + model)),
            folder.resolve("node.log"));
    String ready = node.awaitReady(START);
    String http = ready.replaceAll(".* http=(\\S+) .*", "$1");
    String status = Scrape.get(http, "/status", "").body();
    processId = Long.parseLong(status.replaceAll("(?s).*\"process_id\": ?\"?([0-9]+).*", "$1"));
    ConfigOptions options = new ConfigOptions();
    options.bootstrap = "127.0.0.1:" + port;
    settings = GatewaySettings.from(options.load());
    Topics.ensure(settings);
  }

  @AfterEach
  void stop() {
    System.clearProperty("hrm.home");
    if (node != null) {
      node.close();
    }
    if (broker != null) {
      broker.close();
    }
  }

  @Test
  void bentRecords_areAnsweredOrDeadLetters_andTheNodeLivesOn() throws Exception {
    Mutations mutations = new Mutations(new Random(1), settings.topics().jobs());
    Map<String, Object> bootstrap = Map.of("bootstrap.servers", settings.bootstrap());
    Map<String, Object> reading = new HashMap<>(bootstrap);
    reading.putAll(Map.of("isolation.level", "read_committed", "auto.offset.reset", "earliest"));
    reading.putAll(Map.of("group.id", "fuzz-reader", "enable.auto.commit", "false"));
    long memory = 0;
    try (var producer =
            new KafkaProducer<>(bootstrap, new ByteArraySerializer(), new ByteArraySerializer());
        var consumer =
            new KafkaConsumer<>(
                reading, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.subscribe(List.of(settings.topics().results(), settings.topics().deadLetters()));
      int sent = 0;
      while (sent < records || answers + dead() < sent) {
        if (sent < records && sent - answers - dead() < 2 * BATCH) {
          for (int i = 0; i < BATCH && sent < records; i++, sent++) {
            producer.send(mutations.next());
          }
          producer.flush();
        }
        consumer.poll(Duration.ofMillis(100)).forEach(this::take);
        node.check();
        if (memory == 0 && answers + dead() > records / 3) {
          memory = residentKib();
        }
      }
    }
    assertEquals(records, answers + dead());
    assertTrue(answers > records / 50, answers + " answers");
    assertTrue(dead() > records / 10, causes.toString());
    assertFalse(causes.containsKey("CAUSE_UNSET"), causes.toString());
    assertFalse(causes.containsKey("TOO_MANY_ATTEMPTS"), causes.toString());
    long grown = residentKib() - memory;
    System.err.printf(
        "%d bent records: %d answers, dead letters %s; resident memory %d MiB, %+d MiB over the"
            + " last two thirds%n",
        records, answers, causes, (memory + grown) >> 10, grown >> 10);
    assertTrue(grown < 96 << 10, "memory has grown by " + (grown >> 10) + " MiB");
    assertEquals(0, node.stop(Duration.ofSeconds(50)));
    assertNoWildErrors();
  }

  private int dead() {
    return causes.values().stream().mapToInt(count -> count).sum();
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    if (record.topic().equals(settings.topics().results())) {
      answers++;
      return;
    }
    String cause =
        new String(record.headers().lastHeader("hrm-error-class").value(), StandardCharsets.UTF_8);
    assertTrue(record.headers().lastHeader("__dlq.errors.message").value().length > 0);
    causes.merge(cause, 1, Integer::sum);
  }

  private long residentKib() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + processId + "/status"))) {
      String line = lines.filter(each -> each.startsWith("VmRSS:")).findFirst().orElseThrow();
      return Long.parseLong(line.replaceAll("[^0-9]", ""));
    }
  }

  /** A record that made the intake begin anew would show here. */
  private void assertNoWildErrors() throws IOException {
    String log = Files.readString(folder.resolve("node.log"));
    for (String wild : List.of("The intake failed", "died; another one starts", "StackOverflow")) {
      assertFalse(log.contains(wild), wild);
    }
  }
}
