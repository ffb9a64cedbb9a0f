package hrm.cluster;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigValue;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "node",
    description = "Serve puzzles: take jobs from Kafka, think, answer to Kafka.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Prints a line that begins with 'ready' on stdout when it serves; SIGTERM ends it in good order.",
      "",
      "Example: hrm node --bootstrap 127.0.0.1:9092"
    })
final class NodeCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(NodeCommand.class);

  @Mixin ConfigOptions options;

  @Override
  public Integer call() throws Exception {
    Config config = options.load();
    Node node = new Node(config);
    Stopper stopper = new Stopper(node);
    Runtime.getRuntime().addShutdownHook(new Thread(stopper, "stop"));
    try {
      effective(config).forEach((key, value) -> log.info("{} = {}", key, value));
      System.out.println(node.serve(Home.get()));
      System.out.flush();
      node.awaitEnd();
      if (stopper.told) {
        return 0; // on its way out
      }
      throw CommandException.failed("the node ended by itself; its log above says why");
    } catch (Exception e) {
      stopper.failed = true;
      throw e;
    }
  }

  /** Ours, and nothing that may be a secret: of Kafka's properties only the names. */
  static Map<String, String> effective(Config config) {
    Map<String, String> settings = new TreeMap<>();
    Config ours = config.getConfig("hrm").withoutPath("home").withoutPath("terminal");
    for (Map.Entry<String, ConfigValue> entry : ours.entrySet()) {
      boolean secret = entry.getKey().startsWith("kafka.properties");
      String value = secret ? "(set)" : entry.getValue().unwrapped().toString();
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
        log.warn("while stopping: {}", Main.reason(e));
      }
      if (told) {
        Runtime.getRuntime().halt(0); // a JVM that a signal ends says 143
      }
    }
  }
}
