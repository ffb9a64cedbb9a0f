package hrm.cluster.jobs;

import hrm.cluster.cli.CommandException;
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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "results",
    description = "Print the answers and dead letters that the topics hold.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "With JOB the exit code is 1 if one of them has not come back.",
      "",
      "Example: hrm results --follow --json --bootstrap 127.0.0.1:9092",
      "Example: hrm results --dead-letters --limit 20"
    })
public final class ResultsCommand implements Callable<Integer> {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration BROKER_PATIENCE = Duration.ofSeconds(15);

  @Parameters(paramLabel = "JOB", arity = "0..*", description = "Job ids (default: all).")
  List<String> jobs = new ArrayList<>();

  @Option(
      names = "--follow",
      description = "Go on with what comes: until each JOB has come back, of all until Ctrl-C.")
  boolean follow;

  @Option(names = "--dead-letters", description = "Print only dead letters.")
  boolean deadLetters;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Print N at most, the oldest of a partition first (default: all).")
  Integer limit;

  @Option(names = "--json", description = "Print one JSON object a line.")
  boolean json;

  @Mixin ConfigOptions options;

  private final Set<String> back = new HashSet<>();
  private int printed;

  @Override
  public Integer call() {
    if (limit != null && limit < 1) {
      throw CommandException.wrongInput("--limit %d: must be 1 or more".formatted(limit));
    }
    GatewaySettings settings = GatewaySettings.from(options.load());
    Brokers.await(settings, BROKER_PATIENCE);
    Topics.requirePresent(settings, settings.topics().results(), settings.topics().deadLetters());
    try (ResultReader reader = ResultReader.fromBeginning(settings)) {
      while (!reader.caughtUp() && goesOn()) {
        print(reader.poll(POLL));
      }
      if (jobs.isEmpty() ? printed == 0 : goesOn() && !missing().isEmpty()) {
        System.err.println(none(settings));
      }
      while (follow && goesOn() && (jobs.isEmpty() || !missing().isEmpty())) {
        print(reader.poll(POLL));
      }
    }
    return goesOn() && !missing().isEmpty() ? CommandException.FAILED : 0;
  }

  private String none(GatewaySettings settings) {
    return "no %s%s on %s at %s%s"
        .formatted(
            deadLetters ? "dead letters" : "results",
            jobs.isEmpty() ? "" : " of " + String.join(", ", missing()),
            deadLetters
                ? settings.topics().deadLetters()
                : settings.topics().results() + " or " + settings.topics().deadLetters(),
            settings.bootstrap(),
            follow ? " yet" : "");
  }

  private boolean goesOn() {
    return (limit == null || printed < limit) && !System.out.checkError();
  }

  /** Of the jobs that are named. */
  private List<String> missing() {
    return jobs.stream().filter(job -> !back.contains(job)).toList();
  }

  /** Those of them that are asked for. */
  void print(List<Outcome> outcomes) {
    for (Outcome outcome : outcomes) {
      boolean wanted = jobs.isEmpty() || jobs.contains(outcome.jobId());
      if (!wanted || limit != null && printed == limit) {
        continue;
      }
      if (outcome instanceof Outcome.Failed failed) {
        print(failed.failure(), json);
      } else if (outcome instanceof Outcome.Answered answered && !deadLetters) {
        print(answered.result(), json);
      } else {
        continue;
      }
      printed++;
      back.add(outcome.jobId());
    }
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
      System.out.printf(
          "%s dead letter, %s: %s%n",
          failure.getJobId(), Json.name(failure.getCause().name(), ""), failure.getMessage());
    }
  }
}
