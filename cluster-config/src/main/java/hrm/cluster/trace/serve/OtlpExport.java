package hrm.cluster.trace.serve;

import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.Version;
import hrm.cluster.trace.Otlp;
import hrm.cluster.trace.TraceView;
import hrm.cluster.trace.Traces;
import hrm.gateway.TraceEnds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends each finished trace to a collector, on a thread of its own. The ends of jobs are shared
 * among the gateways by a consumer group; one that is sent twice, because its first sender died
 * before it committed, has the same ids. What cannot be sent is tried for a while, then counted and
 * left.
 */
final class OtlpExport implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(OtlpExport.class);
  private static final Duration POLL = Duration.ofMillis(200);
  private static final int MOST_WAITING = 2_000;

  /**
   * How long things are waited for.
   *
   * @param grace after halting, for the last messages to come
   * @param patience with a collector that does not answer, and with the index
   */
  record Pace(Duration grace, Duration retry, Duration patience) {
    static final Pace USUAL =
        new Pace(Traces.SETTLING, Duration.ofSeconds(1), Duration.ofSeconds(30));
  }

  private final Supplier<TraceEnds> source;
  private final Traces traces;
  private final OtlpSender sender;
  private final Pace pace;
  private final LongAdder sent = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final Map<TraceEnds.End, Long> waiting =
      new LinkedHashMap<>(); // since when, the thread's
  private final Thread thread = new Thread(this::run, "hrm-trace-otlp");
  private volatile boolean closing;
  private long lastSaid = System.nanoTime() - Duration.ofHours(1).toNanos();
  private long lastFailure = 0; // nanoTime of the collector's last refusal, 0 for none

  /**
   * Starts at once.
   *
   * @param source made on the thread, and again when it fails
   */
  OtlpExport(Supplier<TraceEnds> source, Traces traces, OtlpSender sender, Pace pace) {
    this.source = source;
    this.traces = traces;
    this.sender = sender;
    this.pace = pace;
    thread.setDaemon(true);
    thread.start();
  }

  /** Traces sent since the start. */
  long sent() {
    return sent.sum();
  }

  /** Traces given up since the start. */
  long failed() {
    return failed.sum();
  }

  private void run() {
    while (!closing) {
      try (TraceEnds ends = source.get()) {
        boolean worked = false;
        long committed = System.nanoTime();
        while (!closing) {
          long now = System.nanoTime();
          ends.poll(worked ? Duration.ZERO : POLL).forEach(end -> waiting.putIfAbsent(end, now));
          worked = work(ends);
          if (now - committed >= POLL.toNanos()) { // records come faster than that under load
            ends.commit();
            committed = now;
          }
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        say("Traces are not exported: {}", CommandException.reason(e));
        if (!pause()) {
          return;
        }
      }
    }
  }

  private boolean pause() {
    try {
      Thread.sleep(pace.retry().toMillis());
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  /**
   * Sends for a while, so that the group hears of this member, and of what is done.
   *
   * @return whether there is more to do at once
   */
  private boolean work(TraceEnds ends) throws InterruptedException {
    long begun = System.nanoTime();
    for (TraceEnds.End end : new ArrayList<>(waiting.keySet())) {
      long waited = System.nanoTime() - waiting.get(end);
      boolean tired = waited > pace.patience().toNanos() || waiting.size() > MOST_WAITING;
      boolean resting =
          lastFailure != 0 && System.nanoTime() - lastFailure < pace.retry().toNanos();
      if (waited < pace.grace().toNanos() || closing || resting && !tired) {
        continue;
      }
      boolean delivered = !resting && deliver(end); // each try may last as long as a timeout
      if (!delivered && tired) {
        failed.increment();
      }
      if (delivered || tired) {
        waiting.remove(end);
        ends.done(end);
      }
      if (System.nanoTime() - begun > POLL.toNanos()) {
        return true;
      }
    }
    return false;
  }

  /** Whether it was sent, or never will be. */
  private boolean deliver(TraceEnds.End end) throws InterruptedException {
    Optional<TraceView> trace =
        traces
            .trace(end.job(), end.attempt(), end.run(), TraceRoutes.MOST_EVENTS)
            .filter(TraceView::halted);
    if (trace.isEmpty()) {
      return false; // the index has not come so far
    }
    try {
      sender.send(Otlp.of(trace.get(), Version.NUMBER));
      sent.increment();
      lastFailure = 0;
      return true;
    } catch (OtlpSender.Failed e) {
      lastFailure = e.again ? System.nanoTime() : lastFailure;
      say("Traces are not exported: {}; {} given up so far", e.getMessage(), failed());
      if (!e.again) {
        failed.increment();
      }
      return !e.again;
    }
  }

  /** Once in a while, however often. */
  private void say(String format, Object... arguments) {
    if (System.nanoTime() - lastSaid > Duration.ofSeconds(30).toNanos()) {
      lastSaid = System.nanoTime();
      log.warn(format, arguments);
    }
  }

  @Override
  public void close() {
    closing = true;
    thread.interrupt();
    try {
      thread.join(3_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
