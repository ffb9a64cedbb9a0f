package hrm.gateway;

import com.typesafe.config.ConfigFactory;
import hrm.broker.BrokerMain;
import hrm.broker.FreePorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;

/** A broker and nodes, each in a JVM of its own, and what has come out of them. */
final class Stage implements AutoCloseable {
  final GatewaySettings settings;
  private final Path logs;
  private final Path data;
  private final int port;
  private final List<String> options;
  private final List<Child> children = new ArrayList<>();
  private Child broker;

  /**
   * @param overrides of the configuration, {@code key=value}
   */
  Stage(Path directory, String... overrides) throws IOException, InterruptedException {
    port = FreePorts.pair();
    data = directory.resolve("kafka");
    logs = Files.createDirectories(directory.resolve("logs"));
    options = new ArrayList<>(List.of("-Dhrm.kafka.bootstrap=127.0.0.1:" + port));
    for (String override : overrides) {
      options.add("-D" + override);
    }
    String hocon =
        "hrm.kafka.bootstrap=\"127.0.0.1:" + port + "\"\n" + String.join("\n", overrides);
    settings =
        GatewaySettings.from(
            ConfigFactory.parseString(hocon).withFallback(ConfigFactory.load()).resolve());
    startBroker();
    Topics.ensure(settings);
    noticeDeathsSoon();
  }

  /** A dead node's partitions move after 3 s, not after the 6 s that a demo gives it. */
  private void noticeDeathsSoon() throws InterruptedException {
    var group = new ConfigResource(ConfigResource.Type.GROUP, settings.group());
    var entry = new ConfigEntry("consumer.session.timeout.ms", "3000");
    var change = List.of(new AlterConfigOp(entry, AlterConfigOp.OpType.SET));
    try (Admin admin = Admin.create(KafkaProps.admin(settings))) {
      admin.incrementalAlterConfigs(Map.of(group, change)).all().get();
    } catch (ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  /** Two neighbouring ports that nobody listens on. */
  void startBroker() throws InterruptedException {
    String[] arguments = {"--dir", data.toString(), "--port", Integer.toString(port)};
    broker = start("broker", List.of(), BrokerMain.class, arguments);
    broker.await(line -> line.startsWith("ready 127.0.0.1:" + port));
  }

  Child broker() {
    return broker;
  }

  Child node(String name, int longestMillis, String... more) {
    var all = new ArrayList<>(options);
    all.addAll(List.of(more));
    return start(name, all, Worker.class, name, Integer.toString(longestMillis));
  }

  private Child start(String name, List<String> options, Class<?> main, String... arguments) {
    var child = Child.start(logs.resolve(name + ".log"), options, main, arguments);
    children.add(child);
    return child;
  }

  /** Everything committed by now, by job. */
  Map<String, List<Outcome>> outcomes() {
    var all = new TreeMap<String, List<Outcome>>();
    try (var reader = ResultReader.fromBeginning(settings)) {
      while (!reader.caughtUp()) {
        for (var outcome : reader.poll(Duration.ofMillis(100))) {
          all.computeIfAbsent(outcome.jobId(), id -> new ArrayList<>()).add(outcome);
        }
      }
    }
    return all;
  }

  /** Outcomes beyond the first, over all jobs. */
  static int duplicates(Map<String, List<Outcome>> outcomes) {
    return outcomes.values().stream().mapToInt(list -> list.size() - 1).sum();
  }

  @Override
  public void close() {
    children.forEach(Child::close);
  }
}
