package hrm.cluster.trace.command;

import hrm.cluster.cli.Colours;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.Table;
import hrm.cluster.trace.CycleView;
import hrm.cluster.trace.Escaped;
import hrm.cluster.trace.Gap;
import hrm.cluster.trace.MessageView;
import hrm.cluster.trace.TraceJson;
import hrm.cluster.trace.TraceView;
import hrm.gateway.JobSummary;
import hrm.proto.Times;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Traces as people read them. What others wrote is shown escaped. */
record TraceText(Colours colours) {
  private static final String BARS = "▁▂▃▄▅▆▇█";

  List<String> jobs(List<JobSummary> jobs) {
    Table table = new Table("job", "state", "model", ">attempt", ">segments", ">ms", "started");
    jobs.forEach(
        job ->
            table.add(
                Escaped.of(job.id()),
                state(job),
                Escaped.of(job.model()),
                job.attempt(),
                job.segments(),
                millis(job.duration().toNanos()),
                job.started()));
    return table.lines();
  }

  /** One line about a job. */
  String job(JobSummary job) {
    return "%s %s, %d segments, %s ms, attempt %d"
        .formatted(
            Escaped.of(job.id()),
            state(job),
            job.segments(),
            millis(job.duration().toNanos()),
            job.attempt());
  }

  private static String state(JobSummary job) {
    return job.state() == JobSummary.State.RUNNING
        ? "running"
        : job.solved()
            ? "solved"
            : TraceJson.reason(job.reason()).isEmpty() ? "given up" : "unsolved";
  }

  List<String> trace(TraceView trace) {
    List<String> lines = new ArrayList<>(head(trace));
    lines.add("");
    lines.addAll(residuals(trace));
    lines.add("");
    lines.addAll(new TraceBoards(trace.board(), colours).lines(trace.cycles()));
    lines.addAll(messages(trace.messages()));
    return lines;
  }

  private List<String> head(TraceView trace) {
    List<String> lines = new ArrayList<>();
    lines.add(colours.bold(job(trace.job())));
    lines.add(
        "model %s on %s, attempt %d of %s, %s%s"
            .formatted(
                Escaped.of(trace.job().model()),
                Escaped.of(trace.job().node()),
                trace.attempt(),
                trace.attempts(),
                trace.convergence().mark(),
                trace
                    .convergence()
                    .decided()
                    .map(i -> ", decided at cycle " + (i + 1))
                    .orElse("")));
    if (trace.runs() > 1) {
      lines.add(
          "the attempt was run %d times, since its gateway gave it back: this is the last run"
              .formatted(trace.runs()));
    }
    if (!trace.gaps().isEmpty() || trace.truncated()) {
      String gaps =
          trace.gaps().stream().map(TraceText::range).limit(10).collect(Collectors.joining(", "));
      lines.add(
          colours.red(
              "incomplete:%s%s"
                  .formatted(
                      gaps.isEmpty() ? "" : " events " + gaps + " are missing",
                      trace.truncated() ? " it has more events than are read back" : "")));
    }
    return lines;
  }

  private static String range(Gap gap) {
    return (gap.from() == gap.to() ? "" + gap.from() : gap.from() + "–" + gap.to())
        + (gap.hand() > 1 ? " of planner " + gap.hand() : "");
  }

  private List<String> residuals(TraceView trace) {
    List<Float> low =
        trace.cycles().stream().flatMap(c -> c.cycle().getZLResidualsList().stream()).toList();
    List<Float> high = trace.cycles().stream().map(c -> c.cycle().getZHResidual()).toList();
    return List.of("z_L " + spark(low) + " per tick", "z_H " + spark(high) + " per step");
  }

  /** Values as bars of a log scale. */
  static String spark(List<Float> values) {
    List<Double> logs =
        values.stream().map(v -> Float.isFinite(v) && v > 0 ? Math.log(v) : Double.NaN).toList();
    double low = logs.stream().filter(v -> !v.isNaN()).min(Double::compare).orElse(0.0);
    double high = logs.stream().filter(v -> !v.isNaN()).max(Double::compare).orElse(0.0);
    StringBuilder bars = new StringBuilder();
    for (double value : logs) {
      double share = high > low ? (value - low) / (high - low) : 1;
      bars.append(Double.isNaN(value) ? ' ' : BARS.charAt((int) Math.round(share * 7)));
    }
    return bars.toString();
  }

  private List<String> messages(List<MessageView> messages) {
    Table table =
        new Table(
            ">seq",
            "message",
            "from",
            "to",
            "at",
            ">mailbox",
            ">compute",
            ">network",
            ">bytes",
            "");
    for (MessageView view : messages) {
      table.add(
          view.sequence(),
          Escaped.of(view.message().getType()),
          actor(view.message().getSender()),
          actor(view.message().getReceiver()),
          view.message().getSegment() + "." + view.message().getCycle(),
          millis(view.nanos(Times::getMailboxNanos)),
          millis(view.nanos(Times::getComputeNanos)),
          millis(view.nanos(Times::getNetworkNanos)),
          view.bytes(),
          fate(view));
    }
    return table.isEmpty() ? List.of() : table.lines();
  }

  private static String fate(MessageView view) {
    List<String> words = new ArrayList<>();
    if (view.message().getRetry() > 0) {
      words.add("RETRY " + view.message().getRetry());
    }
    if (view.late()) {
      words.add("LATE");
    }
    if (view.lost()) {
      words.add("LOST");
    } else if (view.received().isEmpty()) {
      words.add("no arrival recorded");
    }
    return String.join(", ", words);
  }

  /** The path without what all have, and the port that tells nodes of one host apart. */
  private static String actor(String path) {
    String name = path.replaceFirst("^akka://[^/]*/(user/)?", "");
    String port = path.replaceFirst("^akka://[^/]*?(:[0-9]+)?/.*$", "$1");
    return Escaped.of(name + (port.matches(":[0-9]+") ? port : ""));
  }

  /** Everything about the cycle that a tick, counted from 1 over the attempt, is in. */
  List<String> tick(TraceView trace, int tick) {
    int ticks = Math.max(1, trace.lCycles());
    int index = (tick - 1) / ticks;
    if (tick < 1 || index >= trace.cycles().size()) {
      throw CommandException.wrongInput(
          "--tick %d: the attempt has %d ticks".formatted(tick, ticks * trace.cycles().size()));
    }
    CycleView view = trace.cycles().get(index);
    var cycle = view.cycle();
    int at = (tick - 1) % ticks;
    List<String> lines = new ArrayList<>(head(trace));
    lines.add("");
    lines.add(
        "tick %d of %d: segment %d, cycle %d, tick %d of %d"
            .formatted(
                tick,
                ticks * trace.cycles().size(),
                cycle.getSegment(),
                cycle.getCycle(),
                at + 1,
                ticks));
    lines.add(
        String.format(
            Locale.ROOT,
            "z_L moved by %s, z_H by %.4g at the cycle's end; worker %s ms, planner %s ms",
            at < cycle.getZLResidualsCount()
                ? String.format(Locale.ROOT, "%.4g", cycle.getZLResiduals(at))
                : "?",
            cycle.getZHResidual(),
            millis(cycle.getWorkerNanos()),
            millis(cycle.getPlannerNanos())));
    view.heads()
        .ifPresent(
            heads ->
                lines.add(
                    String.format(
                        Locale.ROOT,
                        "q_halt %.3f, q_continue %.3f%s",
                        heads.getQHalt(),
                        heads.getQContinue(),
                        heads.getSolved() ? ", solved" : "")));
    lines.add("");
    lines.addAll(new TraceBoards(trace.board(), colours).lines(view));
    lines.add("");
    lines.addAll(
        messages(
            trace.messages().stream()
                .filter(m -> m.message().getSegment() == cycle.getSegment())
                .filter(m -> m.message().getCycle() == cycle.getCycle())
                .filter(m -> m.event().getHand() == view.event().getHand())
                .toList()));
    return lines;
  }

  private static String millis(long nanos) {
    return String.format(Locale.ROOT, "%.3f", nanos / 1e6);
  }
}
