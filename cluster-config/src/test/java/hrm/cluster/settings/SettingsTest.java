package hrm.cluster.settings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import hrm.actors.ActorsSettings;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.node.NodeCommand;
import hrm.cluster.node.NodeName;
import hrm.gateway.GatewaySettings;
import hrm.model.cuda.CudaOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
  @TempDir Path folder;

  private static Config with(String key, Object value) {
    return new ConfigOptions().load(Map.of(key, value));
  }

  @Test
  void builtIn_everyModule_isComplete() {
    Config config = new ConfigOptions().load();
    NodeSettings.from(config);
    GatewaySettings.from(config);
    ActorsSettings.of(config);
    assertEquals("auto", ModelSettings.from(config).backend());
    assertTrue(ModelSettings.from(config).cores() > 0);
    assertEquals("cluster", config.getString("akka.actor.provider"));
  }

  @Test
  void modelPath_textWithCommas_isAList() {
    ModelSettings settings = ModelSettings.from(with("hrm.model.path", "a, b/c,"));
    assertEquals(List.of(Path.of("a"), Path.of("b/c")), settings.path());
    assertEquals(
        List.of(Path.of("a,b")), ModelSettings.from(with("hrm.model.path", List.of("a,b"))).path());
  }

  @Test
  void backend_unknown_namesTheBackends() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ModelSettings.from(with("hrm.model.backend", "tpu")));
    assertEquals(
        "hrm.model.backend = tpu: must be one of auto, nd4j, nd4j-ops, cuda, reference, simulated",
        e.getMessage());
  }

  @Test
  void cuda_outOfRange_namesKeyAndRange() {
    assertEquals(
        20L << 30, ModelSettings.from(with("hrm.model.cuda.memory", "20GiB")).cuda().memory());
    var precision =
        assertThrows(
            IllegalArgumentException.class,
            () -> ModelSettings.from(with("hrm.model.cuda.precision", "half")));
    assertEquals(
        "hrm.model.cuda.precision = half: must be float32 or bfloat16", precision.getMessage());
    assertEquals(
        CudaOptions.Joining.NEVER,
        ModelSettings.from(with("hrm.model.cuda.joining", "never")).cuda().joining());
    var joining =
        assertThrows(
            IllegalArgumentException.class,
            () -> ModelSettings.from(with("hrm.model.cuda.joining", "sometimes")));
    assertEquals(
        "hrm.model.cuda.joining = sometimes: must be measured or always or never",
        joining.getMessage());
    var device =
        assertThrows(
            IllegalArgumentException.class,
            () -> ModelSettings.from(with("hrm.model.cuda.device", -1)));
    assertEquals("hrm.model.cuda.device = -1: must be from 0 to 63", device.getMessage());
  }

  @Test
  void nodeName_withASlash_isRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> NodeSettings.from(with("hrm.node.name", "a/b")));
  }

  @Test
  void bootstrapOption_winsOverTheFile() throws Exception {
    ConfigOptions options = new ConfigOptions();
    options.file =
        Files.writeString(
            folder.resolve("c.conf"),
            "hrm.kafka { bootstrap = \"file:1\", properties { sasl.jaas.config = \"hunter2\" } }");
    assertEquals("file:1", options.load().getString("hrm.kafka.bootstrap"));
    options.bootstrap = "flag:2";
    assertEquals("flag:2", options.load().getString("hrm.kafka.bootstrap"));
  }

  @Test
  void effectiveSettings_kafkaProperties_areNotShown() {
    Map<String, String> shown =
        NodeCommand.effective(with("hrm.kafka.properties.sasl.jaas.config", "hunter2-1"));
    assertEquals("(set)", shown.get("hrm.kafka.properties.sasl.jaas.config"));
    assertFalse(shown.toString().contains("hunter2-1"));
  }

  @Test
  void httpToken_isNotShown() {
    Config config = with("hrm.http.token", "hunter2-2");
    assertEquals("(set)", NodeCommand.effective(config).get("hrm.http.token"));
    assertEquals("", NodeCommand.effective(with("hrm.node.name", "n")).get("hrm.http.token"));
    assertFalse(HttpSettings.from(config).toString().contains("hunter2-2"));
  }

  @Test
  void httpHost_reachedFromElsewhere_needsAToken() {
    var e =
        assertThrows(
            IllegalArgumentException.class,
            () -> HttpSettings.from(with("hrm.http.host", "0.0.0.0")));
    assertTrue(e.getMessage().contains("set hrm.http.token (HRM_HTTP_TOKEN)"), e.getMessage());
    HttpSettings.from(
        new ConfigOptions()
            .load(Map.of("hrm.http.host", "0.0.0.0", "hrm.http.token", "hunter2-long-enough")));
    HttpSettings.from(
        new ConfigOptions().load(Map.of("hrm.http.host", "0.0.0.0", "hrm.http.port", "off")));
    assertThrows(
        IllegalArgumentException.class, () -> HttpSettings.from(with("hrm.http.token", "short")));
    for (String odd :
        List.of("hunter2,{\"\\", "hunter2-=-long", "hunter2 long", "hunter2-é-long")) {
      var refused =
          assertThrows(
              IllegalArgumentException.class, () -> HttpSettings.from(with("hrm.http.token", odd)));
      assertFalse(refused.getMessage().contains("hunter2"), refused.getMessage());
    }
    HttpSettings.from(with("hrm.http.token", "hunter2._~+/-=="));
    assertThrows(
        IllegalArgumentException.class, () -> HttpSettings.from(with("hrm.http.port", "on")));
  }

  @Test
  void nodeName_ofTwoNodesOnOneMachine_differsAndComesBack() throws Exception {
    NodeSettings settings = NodeSettings.from(new ConfigOptions().load());
    String name;
    try (NodeName first = NodeName.of(settings);
        NodeName second = NodeName.of(settings)) {
      assertFalse(first.toString().equals(second.toString()));
      name = first.toString();
    }
    try (NodeName again = NodeName.of(settings)) {
      assertEquals(name, again.toString());
    }
  }

  @Test
  void settingInAFile_outOfRange_isNamedWithFileLineKeyAndRange() throws Exception {
    Path file = Files.writeString(folder.resolve("my.conf"), "\n\nhrm.node.join-timeout = 2h\n");
    ConfigOptions options = new ConfigOptions();
    options.file = file;
    var e = assertThrows(CommandException.class, () -> Settings.from(options.load()));
    assertEquals(
        "hrm.node.join-timeout = 2h: must be from 1s to 1h [%s: 3]".formatted(file),
        e.getMessage());
    assertEquals(CommandException.WRONG_INPUT, e.exitCode());
  }

  /** Whichever module reads it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hrm.actors.lanes|65|from 1 to 64",
        "hrm.actors.halting|never|max-steps, q-head or verified",
        "hrm.gateway.max-attempts|0|from 1 to 100",
        "hrm.gateway.trace-index.max-jobs|0|from 1 to 100000000",
        "hrm.model.threads|1025|from 1 to 1024, or 0 for all cores",
        "hrm.node.clock-offset|25h|from -24h to 24h",
        "hrm.trace.otlp-timeout|50ms|from 100ms to 5m",
        "hrm.tls.reload|90m|from 1s to 1h",
        "hrm.kafka.bootstrap (--bootstrap, HRM_KAFKA_BOOTSTRAP)|a:65536|host:port[,host:port...] with ports from 1 to 65535",
        "akka.remote.artery.canonical.port (--port, HRM_PORT)|-1|from 0 to 65535",
      })
  void settingOutOfRange_isRefusedInOneForm(String key, String value, String allowed) {
    String path = key.split(" ")[0];
    var e = assertThrows(CommandException.class, () -> Settings.from(with(path, value)));
    assertEquals(
        "%s = %s: must be %s [the command line]".formatted(key, value, allowed), e.getMessage());
  }

  @Test
  void durationWithoutAUnit_isRefused_sinceItWouldBeMilliseconds() throws Exception {
    for (String key :
        List.of(
            "hrm.gateway.drain-timeout",
            "hrm.actors.silence",
            "hrm.node.clock-offset",
            "hrm.tls.reload")) {
      for (Object value : List.of(25, "25", 2.5)) {
        var e = assertThrows(CommandException.class, () -> with(key, value));
        assertEquals(
            "%s = %s: must be a number with its unit, as in %ss [the command line]"
                .formatted(key, value, value),
            e.getMessage());
      }
    }
    assertEquals(
        Duration.ofMinutes(2),
        GatewaySettings.from(with("hrm.gateway.drain-timeout", "2 minutes")).drainTimeout());
    Path file = Files.writeString(folder.resolve("my.conf"), "\nhrm.node.stop-timeout = 25\n");
    ConfigOptions options = new ConfigOptions();
    options.file = file;
    assertTrue(
        assertThrows(CommandException.class, options::load)
            .getMessage()
            .endsWith("[%s: 2]".formatted(file)));
  }

  @Test
  void settingOnTheCommandLine_outOfRange_saysSo() {
    var e =
        assertThrows(
            CommandException.class, () -> Settings.from(with("hrm.gateway.max-attempts", 0)));
    assertTrue(e.getMessage().contains("from 1 to 100"), e.getMessage());
    assertTrue(e.getMessage().contains("the command line"), e.getMessage());
  }

  @Test
  void fileThatIsNoHocon_isNamedWithItsLine_andNotQuoted() throws Exception {
    Path file = Files.writeString(folder.resolve("my.conf"), "a = 1\ntoken = hunter2\" }}\n");
    ConfigOptions options = new ConfigOptions();
    options.file = file;
    var e = assertThrows(CommandException.class, options::load);
    assertTrue(e.getMessage().startsWith(file + ": 2: "), e.getMessage());
    assertFalse(e.getMessage().contains("hunter2"), e.getMessage());
  }

  @Test
  void seedsBesideKubernetes_areRefused() {
    var e =
        assertThrows(
            CommandException.class,
            () ->
                Settings.from(
                    new ConfigOptions()
                        .load(
                            Map.of(
                                "hrm.node.seeds", List.of("a:1"),
                                "hrm.bootstrap.host", "10.0.0.1",
                                "hrm.bootstrap.method", "kubernetes"))));
    assertTrue(e.getMessage().startsWith("hrm.node.seeds"), e.getMessage());
  }

  @Test
  void sampleOfTheArchive_namesSettingsThatThereAre() throws Exception {
    String sample = Files.readString(Path.of("../docker/conf/hrm.conf"));
    Path file =
        Files.writeString(
            folder.resolve("hrm.conf"), sample.replaceAll("(?m)^# ((hrm|akka)\\.)", "$1"));
    ConfigOptions options = new ConfigOptions();
    options.file = file;
    assertEquals(24, options.load().getInt("hrm.gateway.topics.partitions"));
  }

  @Test
  void configMapOfKubernetes_isASettingsFile() throws Exception {
    String manifest = Files.readString(Path.of("../docker/k8s/config.yaml"));
    String conf = manifest.substring(manifest.indexOf("hrm.conf: |") + 11);
    Path secret = Files.writeString(folder.resolve("kafka.properties"), "client.rack=a\n");
    Path file =
        Files.writeString(
            folder.resolve("hrm.conf"),
            conf.replace("/etc/hrm/secret/kafka.properties", secret.toString())
                + "\nhrm.bootstrap.host = 10.0.0.1\nhrm.http.token = hunter2-long-enough\n");
    ConfigOptions options = new ConfigOptions();
    options.file = file;
    Settings settings = Settings.from(options.load());
    assertTrue(settings.bootstrap().kubernetes());
    assertTrue(settings.tls().enabled());
    assertEquals("8559", settings.http().probePort());
    assertEquals(24, settings.gateway().topics().partitions());
  }
}
