package hrm.cluster.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Home;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "node",
    description = {
      "Serve puzzles: take jobs from Kafka, think, answer to Kafka; alone, or as one of a cluster.",
      "Give every node of a cluster the same three or more seeds."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Prints a line that begins with 'ready' on stdout when it serves; SIGTERM ends it in good order.",
      "",
      "Example: hrm node --bootstrap 127.0.0.1:9092",
      "Example: hrm node --role planner --port 2551 --seed a:2551 --seed b:2551 --seed c:2551"
    })
public final class NodeCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(NodeCommand.class);

  @Option(
      names = "--role",
      split = ",",
      paramLabel = "ROLE",
      description =
          "gateway, planner, worker or all; several are allowed (default: HRM_ROLES or all).")
  List<String> roles;

  @Option(
      names = "--seed",
      split = ",",
      paramLabel = "HOST:PORT",
      description =
          "Node to join by; several are allowed (default: HRM_SEEDS, or a cluster of its own).")
  List<String> seeds;

  @Option(names = "--host", description = "Address by which other nodes reach this one.")
  String host;

  @Option(names = "--port", description = "Its port; 0: any free one (default: HRM_PORT or 0).")
  Integer port;

  @Option(
      names = "--name",
      description = "Name of this node (default: HRM_NODE_NAME or a free one).")
  String name;

  @Mixin ConfigOptions options;

  private Map<String, Object> flags() {
    Map<String, Object> flags = new HashMap<>();
    flags.put("hrm.node.roles", roles);
    flags.put("hrm.node.seeds", seeds);
    flags.put("hrm.node.name", name);
    flags.put("akka.remote.artery.canonical.hostname", host);
    flags.put("akka.remote.artery.canonical.port", port);
    flags.values().removeIf(Objects::isNull);
    return flags;
  }

  @Override
  public Integer call() throws Exception {
    Config config = options.load(flags());
    Node node = new Node(config);
    Stopper stopper = new Stopper(node);
    node.onSignal(stopper);
    try {
      effective(config).forEach((key, value) -> log.info("{} = {}", key, value));
      System.out.println(node.serve(Home.get()));
      System.out.flush();
      node.awaitEnd();
      if (stopper.told || node.leaving()) {
        return 0; // as it was told to
      }
      throw CommandException.failed("the node ended by itself; its log above says why");
    } catch (Exception | Error e) {
      stopper.failed = true;
      throw e;
    }
  }

  /** Ours, and nothing that may be a secret: of Kafka's properties only the names. */
  public static Map<String, String> effective(Config config) {
    Map<String, String> settings = new TreeMap<>();
    Config ours = config.getConfig("hrm").withoutPath("home").withoutPath("terminal");
    for (Map.Entry<String, ConfigValue> entry : ours.entrySet()) {
      boolean secret = entry.getKey().matches("kafka\\.properties(\\..*)?");
      String value = entry.getValue().unwrapped().toString();
      secret |= entry.getKey().equals("http.token") && !value.isEmpty();
      value = secret ? "(set)" : value;
      settings.put("hrm." + entry.getKey(), value);
    }
    return settings;
  }

  /** Ends the node when the process is told to; that is success, whatever signal said so. */
  private static final class Stopper implements Runnable {
    private final Node node;
    volatile boolean failed;
    volatile boolean told;

    Stopper(Node node) {
      this.node = node;
    }

    @Override
    public void run() {
      told = !failed;
      try {
        node.close();
      } catch (Exception e) {
        log.warn("while stopping: {}", CommandException.reason(e));
      }
      if (told) {
        Runtime.getRuntime().halt(0); // a JVM that a signal ends says 143
      }
    }
  }
}
