package hrm.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GatewaySettingsTest {
  private static GatewaySettings with(String hocon) {
    return GatewaySettings.from(
        ConfigFactory.parseString(hocon).withFallback(ConfigFactory.defaultReference()).resolve());
  }

  @Test
  void from_defaults_isValid() {
    var settings = with("");
    assertEquals("127.0.0.1:9092", settings.bootstrap());
    assertEquals(8, settings.topics().partitions());
    assertEquals(1 << 20, settings.maxRecordBytes());
    assertTrue(settings.fencing());
  }

  @ParameterizedTest
  @CsvSource({
    "hrm.gateway.max-attempts,0,100",
    "hrm.gateway.max-record-bytes,100 MiB,15728640",
    "hrm.gateway.transaction-timeout,1s,PT2S",
    "hrm.gateway.poll-interval,1m,PT5S",
    "hrm.gateway.topics.partitions,0,10000",
    "hrm.gateway.topics.dead-letters,graveyard,dlq.",
    "hrm.gateway.topics.jobs,a b,characters",
    "hrm.kafka.bootstrap,127.0.0.1,host:port",
    "hrm.kafka.bootstrap,foo:bar,host:port",
    "hrm.kafka.bootstrap,foo:99999,65535",
    "hrm.kafka.bootstrap,'foo:9092,bar:65536',65535",
    "hrm.kafka.bootstrap,foo:0,65535"
  })
  void from_badValue_namesKeyAndWhatIsAllowed(String key, String value, String allowed) {
    var e = assertThrows(IllegalArgumentException.class, () -> with(key + " = \"" + value + "\""));
    assertTrue(e.getMessage().contains(key.replaceAll("\\.jobs$", "")), e.getMessage());
    assertTrue(e.getMessage().contains(allowed), e.getMessage());
  }

  @Test
  void clients_userProperties_reachEveryOne() {
    var s =
        with("hrm.kafka.properties { security.protocol = SSL, \"ssl.key.password\" = hunter2 }");
    for (var props :
        java.util.List.of(
            KafkaProps.admin(s),
            KafkaProps.intake(s, "n", 64),
            KafkaProps.reader(s),
            KafkaProps.transactions(s, "n"),
            KafkaProps.jobs(s),
            KafkaProps.trace(s, "n"))) {
      assertEquals("SSL", props.get("security.protocol"));
      assertEquals("hunter2", props.get("ssl.key.password"));
    }
  }

  @Test
  void clients_userPropertyAgainstCorrectness_isOverruled() {
    var s = with("hrm.kafka.properties { isolation.level = read_uncommitted }");
    assertEquals("read_committed", KafkaProps.intake(s, "n", 64).get("isolation.level"));
  }

  @Test
  void propertiesFile_isReadAndOverruledByProperties(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("kafka"), "sasl.mechanism=PLAIN\nclient.rack=a\n");
    var s =
        with(
            "hrm.kafka { properties-file = \"%s\", properties { client.rack = b } }"
                .formatted(file));
    assertEquals("PLAIN", KafkaProps.intake(s, "n", 64).get("sasl.mechanism"));
    assertEquals("b", KafkaProps.intake(s, "n", 64).get("client.rack"));
  }

  @Test
  void propertiesFile_thatCannotBeRead_isNamedAndNotQuoted(@TempDir Path folder)
      throws IOException {
    Path file = Files.writeString(folder.resolve("kafka"), "sasl.jaas.config=hunter2 \\u12x4");
    for (Path each : List.of(file, folder.resolve("absent"))) {
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> with("hrm.kafka.properties-file = \"%s\"".formatted(each)));
      assertTrue(e.getMessage().contains(each.toString()), e.getMessage());
      assertFalse(e.getMessage().contains("hunter2"), e.getMessage());
    }
  }

  @Test
  void toString_hasNoValueOfAProperty() {
    String text = with("hrm.kafka.properties { sasl.jaas.config = hunter2 }").toString();
    assertTrue(text.contains("sasl.jaas.config"), text);
    assertFalse(text.contains("hunter2"), text);
  }
}
