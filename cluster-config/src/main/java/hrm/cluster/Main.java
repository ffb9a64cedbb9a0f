package hrm.cluster;

import com.typesafe.config.ConfigException;
import hrm.cluster.bench.BenchCommand;
import hrm.cluster.chaos.ChaosCommand;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.Version;
import hrm.cluster.jobs.ResultsCommand;
import hrm.cluster.jobs.SubmitCommand;
import hrm.cluster.local.BrokerCommand;
import hrm.cluster.local.ClusterCommand;
import hrm.cluster.local.DemoCommand;
import hrm.cluster.models.DatasetCommand;
import hrm.cluster.models.DumpCommand;
import hrm.cluster.models.EvalCommand;
import hrm.cluster.models.ImportCommand;
import hrm.cluster.models.ReportCommand;
import hrm.cluster.models.ResidualsCommand;
import hrm.cluster.models.TrainCommand;
import hrm.cluster.node.NodeCommand;
import hrm.cluster.operate.DoctorCommand;
import hrm.cluster.operate.DrainCommand;
import hrm.cluster.operate.StatusCommand;
import hrm.cluster.tls.CertsCommand;
import hrm.cluster.trace.command.TraceCommand;
import hrm.model.io.ModelFileException;
import java.nio.file.FileSystemException;
import java.util.Arrays;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The {@code hrm} command. Results go to stdout, everything else to stderr. */
@Command(
    name = "hrm",
    description = "Recurrent reasoning models served by actors: puzzles in and out by Kafka.",
    subcommands = {
      DemoCommand.class,
      NodeCommand.class,
      ClusterCommand.class,
      StatusCommand.class,
      DrainCommand.class,
      BrokerCommand.class,
      SubmitCommand.class,
      ResultsCommand.class,
      TraceCommand.class,
      DoctorCommand.class,
      CertsCommand.class,
      TrainCommand.class,
      EvalCommand.class,
      ReportCommand.class,
      ResidualsCommand.class,
      ImportCommand.class,
      DatasetCommand.class,
      DumpCommand.class,
      BenchCommand.class,
      ChaosCommand.class,
    },
    mixinStandardHelpOptions = true,
    version = "hrm " + Version.NUMBER,
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example: hrm demo", "Every command has --help with an example."})
public final class Main {
  private Main() {}

  public static void main(String[] args) {
    // Its remark that ND4J was made with an older JavaCPP is for a log, not for stderr.
    System.getProperties().putIfAbsent("org.bytedeco.javacpp.logger", "slf4j");
    System.exit(run(args));
  }

  /**
   * Runs one command.
   *
   * @return its exit code: 0 success, 1 failure, 2 wrong usage or bad input
   */
  public static int run(String... args) {
    return run(commandLine(), args);
  }

  /**
   * An error is an exit code, too: threads that have begun would keep the process otherwise.
   * Numbers are written the same way in every country, for programs read them.
   */
  public static int run(CommandLine line, String... args) {
    Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
    try {
      return line.execute(args);
    } catch (Error e) {
      e.printStackTrace();
      return CommandException.FAILED;
    }
  }

  public static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    line.getSubcommands().values().forEach(Main::complete);
    return line.setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Main::onWrongUsage)
        .setExecutionExceptionHandler(Main::onException);
  }

  /** Each command has the version, and its first sentence is what lists of commands say of it. */
  private static void complete(CommandLine line) {
    line.getCommandSpec().version("hrm " + Version.NUMBER);
    UsageMessageSpec usage = line.getCommandSpec().usageMessage();
    String[] sentences = String.join(" ", usage.description()).split("(?<=\\.) ", 2);
    usage.header(sentences[0]);
    usage.description(Arrays.copyOfRange(sentences, 1, sentences.length));
    line.getSubcommands().values().forEach(Main::complete);
  }

  private static int onWrongUsage(ParameterException e, String[] args) {
    String name = e.getCommandLine().getCommandSpec().qualifiedName();
    say(name, e.getMessage() + "; see " + name + " --help");
    return CommandException.WRONG_INPUT;
  }

  private static int onException(Exception e, CommandLine command, ParseResult parsed) {
    if (System.getenv("HRM_DEBUG") != null) {
      e.printStackTrace();
    }
    say(command.getCommandSpec().qualifiedName(), CommandException.reason(e));
    if (e instanceof CommandException known) {
      return known.exitCode();
    }
    return isBadInput(e) ? CommandException.WRONG_INPUT : CommandException.FAILED;
  }

  private static boolean isBadInput(Exception e) {
    return e instanceof ConfigException
        || e instanceof IllegalArgumentException
        || e instanceof ModelFileException
        || e instanceof FileSystemException;
  }

  private static void say(String command, String message) {
    System.err.println(command + ": " + message);
  }
}
