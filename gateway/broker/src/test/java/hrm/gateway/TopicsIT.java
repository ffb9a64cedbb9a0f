package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.typesafe.config.ConfigFactory;
import hrm.broker.EmbeddedBroker;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicsIT {
  @TempDir static Path data;
  private static EmbeddedBroker broker;

  @BeforeAll
  static void startBroker() throws Exception {
    broker = EmbeddedBroker.start(data.resolve("kafka"), Stage.freePort());
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
