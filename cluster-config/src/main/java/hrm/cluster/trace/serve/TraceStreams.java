package hrm.cluster.trace.serve;

import akka.NotUsed;
import akka.actor.ClassicActorSystemProvider;
import akka.http.javadsl.model.ContentType;
import akka.http.javadsl.model.ContentTypes;
import akka.http.javadsl.model.HttpEntities;
import akka.http.javadsl.model.HttpMethods;
import akka.http.javadsl.model.HttpRequest;
import akka.http.javadsl.model.HttpResponse;
import akka.stream.javadsl.Source;
import akka.util.ByteString;
import com.google.gson.JsonObject;
import hrm.cluster.cli.Json;
import hrm.cluster.http.HttpAnswers;
import hrm.cluster.http.HttpRefusal;
import hrm.cluster.trace.TraceJson;
import hrm.cluster.trace.TraceView;
import hrm.cluster.trace.Traces;
import hrm.gateway.JobSummary;
import hrm.gateway.TraceIndex;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Server-sent events. One thread looks four times a second at what has changed and writes it once,
 * however many are watching; a watcher that does not read is left behind.
 */
final class TraceStreams implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TraceStreams.class);
  private static final ContentType EVENTS = ContentTypes.parse("text/event-stream");
  private static final long TICK_MILLIS = 250;
  private static final int TRACE_TICKS = 2;
  private static final int STATS_TICKS = 4;
  private static final int ALIVE_TICKS = 60;
  private static final int QUIET_TICKS = (int) (Traces.SETTLING.toMillis() / TICK_MILLIS);
  private static final int MOST_VIEWERS = 500; // half of the server's connections
  private static final int MOST_CHANGES = 10_000; // in a tick; the page asks for the list anyway

  private final Traces traces;
  private final Executor readers;
  private final ClassicActorSystemProvider system;
  private final Viewers list;
  private final Map<String, Watched> jobs = new ConcurrentHashMap<>();
  private final Map<String, JobSummary> changed = new ConcurrentHashMap<>();
  private final TraceIndex.Listener listener = this::changed;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "hrm-trace-stream");
            thread.setDaemon(true);
            return thread;
          });
  private long tick;

  /** A job that somebody watches. */
  private final class Watched {
    final String id;
    final Viewers viewers = new Viewers(system, 8);
    volatile boolean dirty = true;
    volatile boolean reading;
    volatile boolean halted;
    volatile ByteString last = ByteString.emptyByteString();
    int quiet; // ticks since it halted and changed; the clock's

    Watched(String id) {
      this.id = id;
    }
  }

  /**
   * @param readers where traces are read
   */
  TraceStreams(ClassicActorSystemProvider system, Traces traces, Executor readers) {
    this.system = system;
    this.traces = traces;
    this.readers = readers;
    this.list = new Viewers(system, 16);
    traces.addListener(listener);
    clock.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * @param job to watch; empty for the list
   */
  HttpResponse open(HttpRequest request, String job) {
    if (request.method().equals(HttpMethods.HEAD)) {
      throw new HttpRefusal(405, "use GET here");
    }
    if (viewers() >= MOST_VIEWERS) {
      throw new HttpRefusal(503, "%d are watching already; try later".formatted(MOST_VIEWERS));
    }
    if (job.isEmpty()) {
      return events(list.add(event("stats", TraceRoutes.stats(traces.stats()))));
    }
    JobSummary summary =
        traces.job(job).orElseThrow(() -> new HttpRefusal(404, "no trace of a job with this id"));
    boolean seen = request.getHeader("Last-Event-ID").isPresent();
    if (seen && summary.state() == JobSummary.State.HALTED) {
      return HttpResponse.create().withStatus(204); // tells a browser not to come again
    }
    // Within the map's lock, so that nobody is added to one that look() is about to drop.
    AtomicReference<Source<ByteString, NotUsed>> stream = new AtomicReference<>();
    jobs.compute(
        job,
        (id, known) -> {
          Watched watched = known == null ? new Watched(id) : known;
          watched.dirty |= watched.last.isEmpty();
          stream.set(watched.viewers.add(watched.last));
          return watched;
        });
    return events(stream.get());
  }

  int viewers() {
    return list.size() + jobs.values().stream().mapToInt(w -> w.viewers.size()).sum();
  }

  private static HttpResponse events(Source<ByteString, ?> source) {
    return HttpResponse.create()
        .withEntity(HttpEntities.createChunked(EVENTS, source))
        .addHeader(HttpAnswers.header("Cache-Control", "no-store"));
  }

  private void changed(JobSummary job) {
    if (!list.isEmpty() && changed.size() < MOST_CHANGES) {
      changed.put(job.id(), job);
    }
    Watched watched = jobs.get(job.id());
    if (watched != null) {
      watched.dirty = true;
    }
  }

  private void tick() {
    try {
      tick++;
      StringBuilder events = new StringBuilder();
      for (String id : changed.keySet()) {
        events.append(text("job", TraceJson.of(changed.remove(id))));
      }
      if (tick % STATS_TICKS == 0 && !list.isEmpty()) {
        events.append(text("stats", TraceRoutes.stats(traces.stats())));
      }
      list.send(ByteString.fromString(events.toString()));
      if (tick % TRACE_TICKS == 0) {
        jobs.values().forEach(this::look);
      }
      if (tick % ALIVE_TICKS == 0) {
        ByteString alive = ByteString.fromString(": alive\n\n");
        list.send(alive);
        jobs.values().forEach(watched -> watched.viewers.send(alive));
      }
    } catch (RuntimeException e) {
      log.warn("Trace streams: {}", e.toString());
    }
  }

  private void look(Watched watched) {
    if (watched.viewers.isEmpty() && !watched.reading) {
      jobs.computeIfPresent(watched.id, (id, w) -> w.viewers.isEmpty() ? null : w);
    } else if (watched.dirty && !watched.reading) {
      watched.dirty = false;
      watched.reading = true;
      watched.quiet = 0;
      try {
        readers.execute(() -> read(watched));
      } catch (RejectedExecutionException e) { // at the next tick
        watched.dirty = true;
        watched.reading = false;
      }
    } else if (watched.halted && !watched.reading && (watched.quiet += TRACE_TICKS) > QUIET_TICKS) {
      jobs.remove(watched.id, watched);
      watched.viewers.close();
    }
  }

  private void read(Watched watched) {
    try {
      Optional<TraceView> trace = traces.trace(watched.id, 0, TraceRoutes.MOST_EVENTS);
      if (trace.isPresent()) {
        watched.halted =
            trace.get().halted() && trace.get().job().state() == JobSummary.State.HALTED;
        ByteString event =
            ByteString.fromString("id: " + tick + "\n")
                .concat(event("trace", TraceJson.of(trace.get())));
        watched.last = event;
        watched.viewers.send(event);
      }
    } catch (RuntimeException e) {
      log.warn("Trace stream of a job: {}", e.toString());
      watched.dirty = true;
    } finally {
      watched.reading = false;
    }
  }

  private static ByteString event(String name, JsonObject data) {
    return ByteString.fromString(text(name, data));
  }

  private static String text(String name, JsonObject data) {
    return "event: " + name + "\ndata: " + Json.line(data) + "\n"; // JSON has no bare line ends
  }

  @Override
  public void close() {
    traces.removeListener(listener);
    clock.shutdownNow();
    list.close();
    jobs.values().forEach(watched -> watched.viewers.close());
  }
}
