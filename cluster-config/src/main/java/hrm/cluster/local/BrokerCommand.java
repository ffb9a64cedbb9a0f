package hrm.cluster.local;

import hrm.cluster.cli.CommandException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/**
 * A line in the list of commands: the launcher itself runs the broker's program, which has a class
 * path of its own.
 */
@Command(name = "broker", description = "Run a durable Kafka broker of one node on loopback.")
public final class BrokerCommand implements Callable<Integer> {
  @Unmatched List<String> arguments;

  @Override
  public Integer call() {
    throw CommandException.wrongInput(
        "the broker has a class path of its own; start it with the hrm launcher");
  }
}
