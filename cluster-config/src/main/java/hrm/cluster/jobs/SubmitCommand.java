package hrm.cluster.jobs;

import com.google.gson.JsonObject;
import com.google.protobuf.Timestamp;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.DurationArgument;
import hrm.cluster.cli.HaltingArgument;
import hrm.cluster.cli.Json;
import hrm.gateway.Brokers;
import hrm.gateway.GatewaySettings;
import hrm.gateway.JobProducer;
import hrm.gateway.Outcome;
import hrm.gateway.ResultReader;
import hrm.gateway.Topics;
import hrm.proto.HaltingPolicy;
import hrm.proto.JobOptions;
import hrm.proto.PuzzleJob;
import hrm.proto.TraceChoice;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "submit",
    description = "Send puzzles to the jobs topic; with --wait, print their answers.",
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "A puzzle is a line of 81, 36 or 16 characters with '.' or '0' for a blank, or of 900 of a maze",
      "('#' wall, '.' free, S, G); or a row of CSV with",
      "the header source,question,answer,rating. Without --wait the job ids are printed. With it the",
      "exit code is 0 only if every job came back with an answer, right or wrong, exactly once.",
      "",
      "Example: hrm submit puzzles.csv --wait --json --bootstrap 127.0.0.1:9092"
    })
public final class SubmitCommand implements Callable<Integer> {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration BROKER_PATIENCE = Duration.ofSeconds(15);

  @Parameters(paramLabel = "FILE", description = "File of puzzles, or - for stdin.")
  String file;

  @Option(names = "--wait", description = "Wait for the answers and print them as they come.")
  boolean wait;

  @Option(names = "--json", description = "Print one JSON object a line; the last one sums up.")
  boolean json;

  @Option(
      names = "--model",
      paramLabel = "M",
      defaultValue = "",
      description = "Model by its name or by what it solves (default: by the puzzle's length).")
  String model;

  @Option(
      names = "--segments",
      paramLabel = "N",
      description = "Most segments to think (default: the model's own limit).")
  int segments;

  @Option(
      names = {"--policy", "--halting"},
      paramLabel = "P",
      description = "When to stop: " + HaltingArgument.NAMES + " (default: the node's choice).")
  String policy;

  @Option(names = "--trace", description = "Trace every job; see hrm trace.")
  boolean trace;

  @Option(
      names = "--deadline",
      paramLabel = "DURATION",
      description =
          "Time from now, as 90s or 5m, after which a job is answered with what it has (default:"
              + " none).")
  String deadline;

  @Option(
      names = "--timeout",
      paramLabel = "S",
      defaultValue = "600",
      description = "Seconds that --wait waits at most (default: ${DEFAULT-VALUE}).")
  int timeout;

  @Mixin ConfigOptions options;
  @Spec CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    JobOptions jobOptions = jobOptions();
    GatewaySettings settings = GatewaySettings.from(options.load());
    Delivery delivery = new Delivery(Delivery.newRun("submit"));
    List<PuzzleJob> jobs =
        Puzzles.from(file).stream()
            .map(puzzle -> delivery.job(puzzle).setModel(model).setOptions(jobOptions).build())
            .toList();
    Brokers.await(settings, BROKER_PATIENCE);
    Topics.requirePresent(settings, settings.topics().jobs());
    if (!wait) {
      send(settings, jobs);
      printIds(jobs);
      return 0;
    }
    try (ResultReader reader = ResultReader.fromEnd(settings)) {
      send(settings, jobs);
      await(delivery, reader);
    }
    return sum(delivery);
  }

  JobOptions jobOptions() {
    if (segments < 0 || timeout < 1) {
      throw new ParameterException(
          spec.commandLine(),
          "--segments must be 0, for the model's own limit, or more, and --timeout above 0");
    }
    JobOptions.Builder built = JobOptions.newBuilder().setMaxSegments(segments);
    if (policy != null) {
      built.setHalting(HaltingPolicy.valueOf(HaltingArgument.parse(policy).name()));
    }
    if (trace) {
      built.setTrace(TraceChoice.TRACE_ON);
    }
    if (deadline != null) {
      Instant end = Instant.now().plus(DurationArgument.parse("--deadline", deadline));
      built.setDeadline(
          Timestamp.newBuilder().setSeconds(end.getEpochSecond()).setNanos(end.getNano()));
    }
    return built.build();
  }

  /** Returns when the brokers have every job. */
  public static void send(GatewaySettings settings, List<PuzzleJob> jobs) {
    try (JobProducer producer = new JobProducer(settings, "/hrm/submit")) {
      List<CompletableFuture<?>> sent = new ArrayList<>();
      jobs.forEach(job -> sent.add(producer.send(job).toCompletableFuture()));
      producer.flush();
      sent.forEach(CompletableFuture::join);
    } catch (CompletionException e) {
      throw CommandException.failed(
          "the brokers at %s did not take every job (%s); look into their logs"
              .formatted(settings.bootstrap(), CommandException.reason(e.getCause())),
          e);
    }
  }

  private void printIds(List<PuzzleJob> jobs) {
    for (PuzzleJob job : jobs) {
      if (json) {
        JsonObject line = new JsonObject();
        line.addProperty("job_id", job.getId());
        Json.print(line);
      } else {
        System.out.println(job.getId());
      }
    }
    System.err.println(jobs.size() + " jobs sent");
  }

  private void await(Delivery delivery, ResultReader reader) {
    Progress progress = Progress.onStderr();
    progress.begin();
    while (!delivery.complete() && progress.seconds() < timeout) {
      for (Outcome outcome : reader.poll(POLL)) {
        take(outcome, delivery);
      }
      if (json) { // otherwise the answers themselves show how far it is
        progress.show(delivery);
      }
    }
    for (Outcome outcome : reader.poll(POLL)) {
      take(outcome, delivery);
    }
  }

  private void take(Outcome outcome, Delivery delivery) {
    if (outcome instanceof Outcome.Answered answered) {
      if (delivery.answered(answered.result())) {
        ResultsCommand.print(answered.result(), json);
      }
    } else if (outcome instanceof Outcome.Failed failed && delivery.failed(failed.failure())) {
      ResultsCommand.print(failed.failure(), json);
    }
  }

  private int sum(Delivery delivery) {
    if (json) {
      Json.print(JobJson.of(delivery));
    }
    System.err.println(
        "%d jobs: %d results, %d duplicates, %d solved, %d dead letters"
            .formatted(
                delivery.jobs(),
                delivery.results(),
                delivery.duplicates(),
                delivery.solved(),
                delivery.deadLettered()));
    if (!delivery.complete()) {
      throw CommandException.failed(
          "%d jobs have not come back within %d s; is a node running? Their answers can still be read with hrm results"
              .formatted(delivery.jobs() - delivery.results() - delivery.deadLettered(), timeout));
    }
    return delivery.exactlyOnce() ? 0 : CommandException.FAILED;
  }
}
