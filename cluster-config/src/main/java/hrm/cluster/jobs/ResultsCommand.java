package hrm.cluster.jobs;

import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Json;
import hrm.gateway.Brokers;
import hrm.gateway.GatewaySettings;
import hrm.gateway.Outcome;
import hrm.gateway.ResultReader;
import hrm.gateway.Topics;
import hrm.proto.JobFailure;
import hrm.proto.PuzzleResult;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "results",
    description = "Print the answers and dead letters that the topics hold.",
    mixinStandardHelpOptions = true,
    footer = {"", "Example: hrm results --follow --json --bootstrap 127.0.0.1:9092"})
public final class ResultsCommand implements Callable<Integer> {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration BROKER_PATIENCE = Duration.ofSeconds(15);

  @Option(names = "--follow", description = "Go on with what comes, until interrupted.")
  boolean follow;

  @Option(names = "--json", description = "Print one JSON object a line.")
  boolean json;

  @Mixin ConfigOptions options;

  @Override
  public Integer call() {
    GatewaySettings settings = GatewaySettings.from(options.load());
    Brokers.await(settings, BROKER_PATIENCE);
    Topics.requirePresent(settings, settings.topics().results(), settings.topics().deadLetters());
    try (ResultReader reader = ResultReader.fromBeginning(settings)) {
      int seen = 0;
      while (!reader.caughtUp() && !System.out.checkError()) {
        seen += print(reader.poll(POLL));
      }
      if (seen == 0) {
        System.err.println(
            "no results on %s or %s at %s%s"
                .formatted(
                    settings.topics().results(),
                    settings.topics().deadLetters(),
                    settings.bootstrap(),
                    follow ? " yet" : ""));
      }
      while (follow && !System.out.checkError()) {
        print(reader.poll(POLL));
      }
    }
    return 0;
  }

  /** How many there were. */
  private int print(List<Outcome> outcomes) {
    for (Outcome outcome : outcomes) {
      if (outcome instanceof Outcome.Answered answered) {
        print(answered.result(), json);
      } else if (outcome instanceof Outcome.Failed failed) {
        print(failed.failure(), json);
      }
    }
    return outcomes.size();
  }

  static void print(PuzzleResult result, boolean json) {
    if (json) {
      Json.print(JobJson.of(result));
    } else {
      System.out.printf(
          "%s %s %d segments %s%n",
          result.getJobId(),
          result.getSolved() ? "solved" : "unsolved",
          result.getSegments(),
          result.getText());
    }
  }

  static void print(JobFailure failure, boolean json) {
    if (json) {
      Json.print(JobJson.of(failure));
    } else {
      System.out.printf("%s dead letter: %s%n", failure.getJobId(), failure.getMessage());
    }
  }
}
