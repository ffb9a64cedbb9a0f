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
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread daemon = new Thread(task, "hrm-metrics");
            daemon.setDaemon(true);
            return daemon;
          });

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
    return bind(new KafkaClientMetrics(consumer, Tags.empty(), thread, REFRESH));
  }

  @Override
  public Runnable opened(Producer<?, ?> producer) {
    return bind(new KafkaClientMetrics(producer, Tags.empty(), thread, REFRESH));
  }

  private Runnable bind(KafkaClientMetrics metrics) {
    metrics.bindTo(registry);
    return metrics::close;
  }

  @Override
  public void close() {
    thread.shutdownNow();
    collections.close();
    registry.close();
  }
}
