package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.typesafe.config.ConfigFactory;
import hrm.broker.EmbeddedBroker;
import hrm.broker.FreePorts;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TopicsIT {
  @TempDir static Path data;
  private static EmbeddedBroker broker;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = EmbeddedBroker.start(data.resolve("kafka"), FreePorts.pair());
  }

  @AfterAll
  static void stopBroker() {
    broker.close();
  }

  private static GatewaySettings settings(String... overrides) {
    String hocon =
        "hrm.kafka.bootstrap=\"%s\"\n%s"
            .formatted(broker.bootstrap(), String.join("\n", overrides));
    return GatewaySettings.from(
        ConfigFactory.parseString(hocon).withFallback(ConfigFactory.load()).resolve());
  }

  @Test
  void missing_areCreated_onceOnly() {
    GatewaySettings settings = settings("hrm.gateway.topics.jobs = once");
    assertEquals(true, Topics.ensure(settings).contains("once"));
    assertEquals(List.of(), Topics.ensure(settings));
  }

  @Test
  void requirePresent_missing_namesIt_andCreatesNothing() {
    GatewaySettings settings = settings("hrm.gateway.topics.jobs = nowhere");
    for (int i = 0; i < 2; i++) {
      var e = assertThrows(KafkaException.class, () -> Topics.requirePresent(settings, "nowhere"));
      assertEquals(
          "There is no topic nowhere at %s: start a node (hrm node), which creates it, or create it as docker/OPERATIONS.md says."
              .formatted(broker.bootstrap()),
          e.getMessage());
    }
  }

  @Test
  @Timeout(60)
  void check_says_whatIsMissing_andWhatDiffers() {
    GatewaySettings settings = settings("hrm.gateway.topics.jobs = shaped");
    Topics.ensure(settings);
    while (!TopicCheck.of(settings).missing().isEmpty()) {
      // a broker hears of new topics a moment after they are created
    }
    assertEquals(List.of(), TopicCheck.of(settings).differences());
    TopicCheck check =
        TopicCheck.of(
            settings(
                "hrm.gateway.topics.jobs = shaped",
                "hrm.gateway.topics.trace = elsewhere",
                "hrm.gateway.topics.replication = 3"));
    assertEquals(Set.of("elsewhere"), check.missing());
    assertEquals(
        List.of(
            "shaped has replication 1 where a node would create it with 3",
            "shaped has min.insync.replicas 1 where a node would create it with 2"),
        check.differences().stream().filter(d -> d.startsWith("shaped")).toList());
  }

  @Test
  @Timeout(60)
  void jobsThatOutliveTheOffsetsOfTheirGroup_areToldOf() throws Exception {
    GatewaySettings settings = settings("hrm.gateway.topics.jobs = kept");
    Topics.ensure(settings);
    while (!TopicCheck.of(settings).missing().isEmpty()) {
      // a broker hears of new topics a moment after they are created
    }
    assertEquals(Optional.empty(), OffsetExpiry.of(settings));
    long minutes = Duration.ofDays(30 + 1).toMinutes();
    keep("kept", Duration.ofDays(30).toMillis());
    assertContains(OffsetExpiry.of(settings), "kept", minutes + " minutes", "to " + minutes);
    keep("kept", -1);
    assertContains(OffsetExpiry.of(settings), "kept", "for ever", "give the topic a retention");
  }

  private static void assertContains(Optional<String> sentence, String... parts) {
    for (String part : parts) {
      assertEquals(true, sentence.orElseThrow().contains(part), sentence.get());
    }
  }

  private static void keep(String topic, long millis) throws Exception {
    var retention =
        new AlterConfigOp(
            new ConfigEntry("retention.ms", Long.toString(millis)), AlterConfigOp.OpType.SET);
    try (Admin admin = Admin.create(KafkaProps.admin(settings()))) {
      var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
      admin.incrementalAlterConfigs(Map.of(resource, List.of(retention))).all().get();
    }
  }

  @Test
  void tooFewBrokers_namesTheSetting() {
    GatewaySettings settings =
        settings("hrm.gateway.topics.jobs = wide", "hrm.gateway.topics.replication = 3");
    assertSays(settings, "The topic ", " is missing at " + broker.bootstrap());
    assertSays(settings, "lower hrm.gateway.topics.replication (3) to the number of brokers");
  }

  /** Kafka takes no two topics whose names differ by dots and underscores only. */
  @Test
  void refused_namesTopicReasonAndRemedy() {
    Topics.ensure(settings("hrm.gateway.topics.jobs = a.b"));
    assertSays(
        settings("hrm.gateway.topics.jobs = a_b"),
        "The topic a_b is missing at ",
        "collides with existing topic",
        "create it yourself");
  }

  private static void assertSays(GatewaySettings settings, String... parts) {
    var e = assertThrows(KafkaException.class, () -> Topics.ensure(settings));
    for (String part : parts) {
      assertEquals(true, e.getMessage().contains(part), e.getMessage());
    }
  }
}
