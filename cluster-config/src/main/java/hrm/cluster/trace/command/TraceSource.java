package hrm.cluster.trace.command;

import com.typesafe.config.Config;
import hrm.cluster.cli.CommandException;
import hrm.cluster.trace.TraceView;
import hrm.cluster.trace.Traces;
import hrm.cluster.trace.serve.TraceRoutes;
import hrm.gateway.Brokers;
import hrm.gateway.GatewaySettings;
import hrm.gateway.Topics;
import hrm.gateway.TraceIndex;
import hrm.gateway.TraceIndexSettings;
import java.time.Duration;

/** The trace topic, read by a command: all that was there when it began is known. */
final class TraceSource implements AutoCloseable {
  private static final Duration BROKER_PATIENCE = Duration.ofSeconds(15);
  private static final Duration INDEX_PATIENCE = Duration.ofMinutes(5);

  private final TraceIndex index;

  private TraceSource(TraceIndex index) {
    this.index = index;
  }

  /**
   * @throws CommandException when the topic is not read through in time
   * @throws org.apache.kafka.common.KafkaException when there is none
   */
  static TraceSource open(Config config) throws InterruptedException {
    GatewaySettings settings = GatewaySettings.from(config);
    Brokers.await(settings, BROKER_PATIENCE);
    Topics.requirePresent(settings, settings.topics().trace());
    TraceSource source =
        new TraceSource(TraceIndex.start(settings, TraceIndexSettings.from(config), "hrm-trace"));
    long begin = System.nanoTime();
    while (source.index.stats().indexing()) {
      if (System.nanoTime() - begin > INDEX_PATIENCE.toNanos()) {
        source.close();
        throw CommandException.failed(
            "%s was not read through within %d s"
                .formatted(settings.topics().trace(), INDEX_PATIENCE.toSeconds()));
      }
      Thread.sleep(20);
    }
    return source;
  }

  Traces traces() {
    return Traces.of(index);
  }

  @Override
  public void close() {
    index.close();
  }

  /**
   * @param attempt 0 for the last
   * @throws CommandException when there is no such trace
   */
  static TraceView trace(Traces traces, String job, int attempt) {
    TraceView trace =
        traces
            .trace(job, attempt, TraceRoutes.MOST_EVENTS)
            .orElseThrow(
                () ->
                    CommandException.wrongInput(
                        "there is no trace of a job \"%s\"; hrm trace lists those that there are, and hrm.actors.trace.sample says how many are traced"
                            .formatted(hrm.cluster.trace.Escaped.of(job))));
    if (attempt > 0 && !trace.attempts().contains(attempt)) {
      throw CommandException.wrongInput(
          "--attempt %d: there are attempts %s".formatted(attempt, trace.attempts()));
    }
    return trace;
  }
}
