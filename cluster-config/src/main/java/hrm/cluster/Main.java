package hrm.cluster;

import com.typesafe.config.ConfigException;
import hrm.model.io.ModelFileException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
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
    version = "hrm " + Main.VERSION,
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example: hrm demo", "Every command has --help with an example."})
public final class Main {
  static final String VERSION = "0.1.0";

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
  static int run(String... args) {
    return run(commandLine(), args);
  }

  /** An error is an exit code, too: threads that have begun would keep the process otherwise. */
  static int run(CommandLine line, String... args) {
    try {
      return line.execute(args);
    } catch (Error e) {
      e.printStackTrace();
      return CommandException.FAILED;
    }
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(Main::onWrongUsage)
        .setExecutionExceptionHandler(Main::onException);
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
    say(command.getCommandSpec().qualifiedName(), reason(e));
    if (e instanceof CommandException known) {
      return known.exitCode();
    }
    return isBadInput(e) ? CommandException.WRONG_INPUT : CommandException.FAILED;
  }

  private static boolean isBadInput(Exception e) {
    return e instanceof ConfigException
        || e instanceof IllegalArgumentException
        || e instanceof ModelFileException
        || e instanceof NoSuchFileException;
  }

  private static void say(String command, String message) {
    System.err.println(command + ": " + message);
  }

  /** An exception as a sentence; one of no words by its kind. */
  static String reason(Throwable e) {
    if (e.getMessage() == null || e.getMessage().isBlank()) {
      return e.getCause() == null ? e.getClass().getSimpleName() : reason(e.getCause());
    }
    boolean clear =
        e instanceof CommandException
            || e instanceof ConfigException
            || e instanceof IllegalArgumentException
            || e instanceof ModelFileException;
    return clear || !(e instanceof IOException || e instanceof Error)
        ? e.getMessage()
        : "%s: %s".formatted(e.getClass().getSimpleName(), e.getMessage());
  }
}
