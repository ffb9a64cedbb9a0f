package hrm.broker;

import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs an {@link EmbeddedBroker} until SIGTERM. */
@Command(
    name = "hrm broker",
    mixinStandardHelpOptions = true,
    description = "Run a durable Kafka broker of one node on loopback.",
    footer = {"", "Example: hrm broker --dir .data/kafka --port 9092"})
public final class BrokerMain implements Callable<Integer> {
  @Option(
      names = "--dir",
      defaultValue = ".data/kafka",
      description = "where records are kept (default: ${DEFAULT-VALUE})")
  private Path dir;

  @Option(
      names = "--port",
      defaultValue = "9092",
      description = "of the broker; its controller takes the next (default: ${DEFAULT-VALUE})")
  private int port;

  @Spec private CommandLine.Model.CommandSpec spec;

  /** Exit code 0 after --help, 2 when it cannot start, the JVM's 143 after SIGTERM. */
  public static void main(String[] args) {
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT); // ports and sizes
    int code = new CommandLine(new BrokerMain()).execute(args);
    if (code != 0) {
      System.exit(code); // Kafka may have left threads behind
    }
  }

  @Override
  public Integer call() {
    EmbeddedBroker broker;
    try {
      broker = EmbeddedBroker.start(dir, port);
    } catch (BrokerRefused e) {
      spec.commandLine().getErr().println(e.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "hrm-broker-stop"));
    var out = spec.commandLine().getOut();
    out.println("ready " + broker.bootstrap() + " dir=" + dir);
    out.flush();
    broker.awaitStop();
    return CommandLine.ExitCode.OK;
  }
}
