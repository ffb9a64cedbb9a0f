package hrm.cluster.trace.command;

import hrm.cluster.cli.Colours;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Json;
import hrm.cluster.trace.Escaped;
import hrm.cluster.trace.TraceExport;
import hrm.cluster.trace.TraceJson;
import hrm.cluster.trace.TraceView;
import hrm.cluster.trace.Traces;
import hrm.gateway.JobSummary;
import hrm.gateway.TraceIndex;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "trace",
    description = {
      "Show how jobs were thought: their residuals, boards and messages. Without JOB: the traced",
      "jobs, the newest first."
    },
    subcommands = TraceDiffCommand.class,
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "A board has + before a cell that changed, and ! before one that breaks a rule or a clue.",
      "Exports: jsonl (the events), perfetto (ui.perfetto.dev), shiviz (a log with vector clocks),",
      "otlp (OpenTelemetry). Which jobs are traced: HRM_TRACE_SAMPLE (hrm.actors.trace.sample) of",
      "all that a node takes, and those sent with hrm submit --trace.",
      "",
      "Example: hrm trace --failed",
      "Example: hrm trace demo-1-000001 --tick 7",
      "Example: hrm trace demo-1-000001 --export perfetto --out trace.json"
    })
public final class TraceCommand implements Callable<Integer> {
  @Parameters(arity = "0..1", paramLabel = "JOB", description = "Job id.")
  String job;

  @Option(names = "--attempt", paramLabel = "N", description = "Attempt (default: the last).")
  int attempt;

  @Option(
      names = "--tick",
      paramLabel = "N",
      description = "Only the cycle that this tick is in, counted from 1 over the attempt.")
  Integer tick;

  @Option(
      names = "--follow",
      description =
          "Show JOB once it has halted, waiting for it; without JOB: go on with jobs that halt, until"
              + " Ctrl-C.")
  boolean follow;

  @Option(names = "--failed", description = "List only jobs that halted unsolved.")
  boolean failed;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "50",
      description = "List at most N jobs (default: ${DEFAULT-VALUE}).")
  int limit;

  @Option(
      names = "--export",
      paramLabel = "FORM",
      description = "jsonl, perfetto, shiviz or otlp instead.")
  String export;

  @Option(names = "--out", paramLabel = "FILE", description = "Write the export there.")
  Path out;

  @Option(names = "--json", description = "Print JSON: a job a line, or one trace.")
  boolean json;

  @Mixin ConfigOptions options;
  @Spec CommandSpec spec;

  Duration settling = Traces.SETTLING;

  @Override
  public Integer call() throws Exception {
    check();
    try (TraceSource source = TraceSource.open(options.load())) {
      show(source.traces(), System.out, new TraceText(Colours.ofStdout()));
    }
    return 0;
  }

  private void check() {
    if (job == null && (export != null || tick != null || attempt != 0)) {
      throw CommandException.wrongInput(
          "--export, --tick and --attempt are of one job: say which, as in hrm trace JOB --tick 3");
    }
    if (out != null && export == null) {
      throw CommandException.wrongInput("--out is where an export goes: name its form by --export");
    }
    if (export != null && TraceExport.named(export).isEmpty()) {
      throw CommandException.wrongInput(
          "--export %s: use one of %s".formatted(export, TraceExport.names()));
    }
    if (job != null
        && (failed || spec.commandLine().getParseResult().hasMatchedOption("--limit"))) {
      throw CommandException.wrongInput(
          "--failed and --limit are of the list of jobs: leave them out, or leave out %s"
              .formatted(job));
    }
    if (tick != null && (json || export != null)) {
      throw CommandException.wrongInput(
          "--tick shows text: leave it out, or leave out --json and --export, which have every tick");
    }
    if (tick != null && tick < 1) {
      throw CommandException.wrongInput("--tick %d: must be 1 or more".formatted(tick));
    }
    if (limit < 1 || attempt < 0) {
      throw CommandException.wrongInput("--limit and --attempt: must be 1 or more");
    }
  }

  void show(Traces traces, PrintStream to, TraceText text)
      throws IOException, InterruptedException {
    if (job == null) {
      list(traces, to, text);
      return;
    }
    if (follow) {
      if (traces.job(job).isEmpty()) {
        System.err.println("waiting for a trace of %s ...".formatted(Escaped.of(job)));
      }
      awaitHalt(traces);
    }
    TraceView trace = TraceSource.trace(traces, job, attempt);
    if (export != null) {
      String form = TraceExport.named(export).orElseThrow().of(trace);
      if (out == null) {
        to.print(form);
      } else {
        Files.writeString(out, form, StandardCharsets.UTF_8);
      }
    } else if (json) {
      to.print(Json.line(TraceJson.of(trace)));
    } else {
      (tick == null ? text.trace(trace) : text.tick(trace, tick)).forEach(to::println);
    }
  }

  private boolean wanted(JobSummary summary) {
    return !failed || summary.state() == JobSummary.State.HALTED && !summary.solved();
  }

  private String none() {
    String yet = follow ? " yet" : "";
    return failed
        ? "no traced job has halted unsolved" + yet
        : "no job is traced%s: send some with hrm submit --trace, or start nodes with HRM_TRACE_SAMPLE=1 (hrm.actors.trace.sample), which traces every job; one in a hundred is usual"
            .formatted(yet);
  }

  private void list(Traces traces, PrintStream to, TraceText text) throws InterruptedException {
    BlockingQueue<JobSummary> coming = new LinkedBlockingQueue<>(100_000);
    TraceIndex.Listener listener = coming::offer;
    traces.addListener(listener);
    try {
      List<JobSummary> jobs =
          traces.jobs(failed ? Integer.MAX_VALUE : limit).stream()
              .filter(this::wanted)
              .limit(limit)
              .toList();
      if (jobs.isEmpty()) {
        System.err.println(none());
      } else if (json) {
        jobs.forEach(summary -> to.print(Json.line(TraceJson.of(summary))));
      } else {
        text.jobs(jobs).forEach(to::println);
      }
      while (follow && !to.checkError()) {
        JobSummary next = coming.poll(200, TimeUnit.MILLISECONDS);
        if (next != null && next.state() == JobSummary.State.HALTED && wanted(next)) {
          to.print(json ? Json.line(TraceJson.of(next)) : text.job(next) + "\n");
          to.flush();
        }
      }
    } finally {
      traces.removeListener(listener);
    }
  }

  /** Until it has halted, and what its last messages tell has come. */
  private void awaitHalt(Traces traces) throws InterruptedException {
    BlockingQueue<JobSummary> coming = new LinkedBlockingQueue<>();
    TraceIndex.Listener listener =
        summary -> {
          if (summary.id().equals(job)) {
            coming.add(summary);
          }
        };
    traces.addListener(listener);
    try {
      boolean halted = traces.job(job).map(j -> j.state() == JobSummary.State.HALTED).orElse(false);
      while (true) {
        JobSummary next =
            halted ? coming.poll(settling.toMillis(), TimeUnit.MILLISECONDS) : coming.take();
        if (next == null) {
          return;
        }
        halted = next.state() == JobSummary.State.HALTED;
      }
    } finally {
      traces.removeListener(listener);
    }
  }
}
