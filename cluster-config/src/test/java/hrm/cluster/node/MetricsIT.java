package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import hrm.cluster.cli.Home;
import hrm.cluster.jobs.Load;
import hrm.cluster.local.LocalCluster;
import hrm.cluster.local.Ports;
import hrm.gateway.GatewaySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a node under load shows, beside what the dashboard and the alerts ask for. */
@Timeout(300)
class MetricsIT {
  private static final Pattern METRIC =
      Pattern.compile("\\b(?:hrm|kafka|jvm|process|system)_[a-z0-9_]+\\b");

  /** These move while all goes well. */
  private static final List<String> MOVING =
      List.of(
          "hrm_jobs_received_total",
          "hrm_jobs_completed_total",
          "hrm_jobs_dead_lettered_total",
          "hrm_transactions_committed_total",
          "hrm_segments_total",
          "hrm_cycles_total",
          "hrm_ticks_total",
          "hrm_worker_busy_seconds_total",
          "hrm_job_duration_seconds_count",
          "hrm_job_ticks_count",
          "hrm_tick_duration_seconds_count",
          "hrm_mailbox_wait_seconds_count",
          "hrm_state_residual_count",
          "kafka_consumer_fetch_manager_bytes_consumed_total",
          "kafka_producer_outgoing_byte_total");

  /** And these stand still then. */
  private static final List<String> STILL =
      List.of(
          "hrm_jobs_failed_total",
          "hrm_jobs_redelivered_total",
          "hrm_transactions_aborted_total",
          "hrm_cycles_failed_total",
          "hrm_handovers_total");

  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @TempDir static Path folder;
  private static LocalCluster cluster;
  private static Load load;
  private static String http;
  private static Scrape first;
  private static Scrape second;

  @BeforeAll
  static void run() throws Exception {
    System.setProperty("hrm.home", Path.of("..").toAbsolutePath().normalize().toString());
    String model = Path.of("../models/sudoku-4x4").toAbsolutePath().normalize().toString();
    cluster = new LocalCluster(Home.get(), List.of("all"), model, Ports.pair(), null);
    cluster.awaitReady();
    http = cluster.members().get(0).ready("http");
    load = new Load(cluster.bootstrap(), 4);
    load.untilAnswered(100);
    // A Kafka client's metrics are shown a few seconds after it has them.
    long until = System.nanoTime() + PATIENCE.toNanos(); // then the tests say what is missing
    load.until(() -> names(scrape()).containsAll(used()) || System.nanoTime() - until > 0);
    first = scrape();
    sendNonsense();
    load.untilAnswered(300);
    load.until(() -> scrape().sum("hrm_jobs_dead_lettered_total") > 0);
    second = scrape();
  }

  @AfterAll
  static void stop() {
    System.clearProperty("hrm.home");
    if (load != null) {
      load.close();
    }
    if (cluster != null) {
      cluster.close();
    }
  }

  private static Scrape scrape() {
    try {
      return Scrape.of(http);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Set<String> names(Scrape scrape) {
    return scrape.names();
  }

  private static void sendNonsense() {
    GatewaySettings settings = cluster.settings();
    Map<String, Object> properties = Map.of("bootstrap.servers", settings.bootstrap());
    try (var producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(
          new ProducerRecord<>(settings.topics().jobs(), "x".getBytes(), "no job".getBytes()));
    }
  }

  /** Of the files that operators are given. */
  private static Set<String> used() {
    try {
      List<String> expressions = new ArrayList<>();
      JsonElement dashboard =
          JsonParser.parseString(
              Files.readString(Path.of("../docker/grafana/dashboards/hrm.json")));
      for (JsonElement panel : dashboard.getAsJsonObject().getAsJsonArray("panels")) {
        JsonElement targets = panel.getAsJsonObject().get("targets");
        if (targets != null) {
          for (JsonElement target : targets.getAsJsonArray()) {
            expressions.add(target.getAsJsonObject().get("expr").getAsString());
          }
        }
      }
      Files.readAllLines(Path.of("../docker/prometheus/alerts.yml")).stream()
          .filter(line -> line.strip().startsWith("expr:"))
          .forEach(expressions::add);
      assertTrue(expressions.size() > 40, expressions.size() + " expressions");
      Set<String> used = new TreeSet<>();
      for (String expression : expressions) {
        Matcher metric = METRIC.matcher(expression);
        while (metric.find()) {
          used.add(metric.group());
        }
      }
      used.remove("hrm_certificate_expiry_timestamp_seconds"); // with TLS only: NodeMetricsTest
      return used;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void everyMetricOfTheDashboardAndTheAlerts_isThere() {
    Set<String> missing = used();
    missing.removeAll(second.names());
    assertEquals(Set.of(), missing);
  }

  @Test
  void counters_moveWithWhatTheyCount() {
    for (String name : MOVING) {
      assertTrue(second.sum(name) > first.sum(name), name + " stands at " + second.sum(name));
    }
    for (String name : STILL) {
      assertEquals(first.sum(name), second.sum(name), name);
    }
    double received = second.sum("hrm_jobs_received_total") - first.sum("hrm_jobs_received_total");
    assertTrue(received >= 200, "received " + received);
    assertEquals(1, second.sum("hrm_jobs_dead_lettered_total"));
  }

  @Test
  void gauges_sayHowThingsStand() {
    assertEquals(1, second.sum("hrm_ready"));
    assertEquals(8, second.sum("hrm_partitions"));
    assertEquals(1.0, second.values().get("hrm_cluster_members{status=\"up\"}"));
    assertEquals(0.0, second.values().get("hrm_cluster_members{status=\"unreachable\"}"));
    assertTrue(second.sum("hrm_slots") >= 32, "slots " + second.sum("hrm_slots"));
    assertTrue(second.sum("jvm_memory_used_bytes") > 0);
    assertTrue(second.sum("hrm_jobs_unfinished") >= second.sum("hrm_jobs_in_flight"));
  }

  @Test
  void series_areBounded_whateverTheJobsAreCalled() throws Exception {
    Set<String> ours = new HashSet<>(second.values().keySet());
    load.untilAnswered(200);
    Set<String> now = new HashSet<>(scrape().values().keySet());
    now.removeIf(series -> !series.startsWith("hrm_"));
    now.removeAll(ours);
    assertEquals(Set.of(), now);
    assertTrue(second.values().size() < 1500, second.values().size() + " series");
    String page = Scrape.get(http, "/metrics", "").body();
    assertTrue(!page.contains("load-"), "a job's id is in a label");
  }

  @Test
  void probes_answer() throws Exception {
    assertEquals(200, Scrape.get(http, "/ready", "").statusCode());
    assertEquals(200, Scrape.get(http, "/alive", "").statusCode());
  }
}
