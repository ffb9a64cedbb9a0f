package hrm.cluster.node;

import hrm.gateway.ClientWatch;
import io.micrometer.core.instrument.Clock;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.kafka.KafkaClientMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;

/** All that one scrape of a node shows: its own figures, its Kafka clients', its Java machine's. */
final class Metrics implements ClientWatch, AutoCloseable {
  /** Of {@link #page}. */
  static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";

  /** How soon a metric that a Kafka client adds later is shown. */
  private static final Duration REFRESH = Duration.ofSeconds(5);

  private final PrometheusMeterRegistry registry;
  private final JvmGcMetrics collections = new JvmGcMetrics();

  Metrics(NodeMetrics node) {
    PrometheusRegistry all = new PrometheusRegistry();
    all.register(node);
    registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, all, Clock.SYSTEM);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    collections.bindTo(registry);
  }

  /** In Prometheus' text format. */
  String page() {
    return registry.scrape(TEXT);
  }

  @Override
  public Runnable opened(Consumer<?, ?> consumer) {
    return bind(thread -> new KafkaClientMetrics(consumer, Tags.empty(), thread, REFRESH));
  }

  @Override
  public Runnable opened(Producer<?, ?> producer) {
    return bind(thread -> new KafkaClientMetrics(producer, Tags.empty(), thread, REFRESH));
  }

  /**
   * Each on a thread of its own: Micrometer's looks for new metrics do not end with the client on a
   * thread that is lent, and would hold it and show its last figures for ever.
   */
  private Runnable bind(Function<ScheduledExecutorService, KafkaClientMetrics> client) {
    ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(Metrics::daemon);
    KafkaClientMetrics metrics = client.apply(thread);
    metrics.bindTo(registry);
    return () -> {
      thread.shutdownNow();
      awaitEnd(thread);
      metrics.close();
    };
  }

  /** A look that is under way would show the client once more after it was taken out. */
  private static void awaitEnd(ScheduledExecutorService thread) {
    try {
      thread.awaitTermination(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Thread daemon(Runnable task) {
    Thread daemon = new Thread(task, "hrm-metrics");
    daemon.setDaemon(true);
    return daemon;
  }

  @Override
  public void close() {
    collections.close();
    registry.close();
  }
}
