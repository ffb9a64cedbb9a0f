package hrm.gateway;

import hrm.proto.TraceEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trace events to the trace topic, as far as there is room: never blocks, never throws, counts what
 * it drops. Thread-safe.
 */
public final class TraceSink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TraceSink.class);
  private static final int ROOM = 20_000;
  private static final long PAUSE_MILLIS = 10;
  private static final Duration CLOSE = Duration.ofSeconds(2);

  private final BlockingQueue<TraceEvent> queue = new ArrayBlockingQueue<>(ROOM);
  private final LongAdder refused = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private final String topic;
  private final Supplier<Producer<byte[], byte[]>> supplier;
  private final Callback onSent =
      (at, failure) -> {
        if (failure != null) {
          lost.increment();
        }
      };
  private final Nag nag = new Nag(LOG);
  private final Thread thread;
  private Producer<byte[], byte[]> producer; // the thread's own
  private final CountDownLatch closing = new CountDownLatch(1);

  public TraceSink(GatewaySettings settings, String node) {
    this(
        settings.topics().trace(),
        node,
        () -> new KafkaProducer<>(KafkaProps.trace(settings, node)));
  }

  TraceSink(String topic, String node, Supplier<Producer<byte[], byte[]>> supplier) {
    this.topic = topic;
    this.supplier = supplier;
    thread = new Thread(this::run, "hrm-trace-" + node);
    thread.setDaemon(true);
    thread.start();
  }

  /** Whether there was room for the event; if not, it is dropped. */
  public boolean offer(TraceEvent event) {
    boolean taken = !isClosing() && queue.offer(event);
    if (!taken) {
      refused.increment();
    }
    return taken;
  }

  /** Events that did not get through since the start, those refused included. */
  public long dropped() {
    return refused.sum() + lost.sum();
  }

  /** Events that were taken, and yet the brokers did not get them. */
  public long lost() {
    return lost.sum();
  }

  /** Sends what is queued, for two seconds each in the queue and in the client. */
  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join(2 * CLOSE.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Looks for events now and then, rather than being woken by each: whoever offers one would pay
   * for that.
   */
  private void run() {
    try {
      while (!closing.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS)) {
        for (var event = queue.poll(); event != null; event = isClosing() ? null : queue.poll()) {
          send(event);
        }
      }
      long deadline = System.nanoTime() + CLOSE.toNanos();
      for (var event = queue.poll(); event != null; event = queue.poll()) {
        if (System.nanoTime() < deadline) {
          send(event);
        } else {
          lost.increment();
        }
      }
    } catch (InterruptedException e) {
      closing.countDown();
      lost.add(queue.size());
    } finally {
      if (producer != null) {
        producer.close(CLOSE);
      }
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void send(TraceEvent event) {
    try {
      if (producer == null) {
        producer = supplier.get(); // fails while the brokers' names do not resolve
      }
      byte[] key = event.getJobId().getBytes(StandardCharsets.UTF_8);
      producer.send(new ProducerRecord<>(topic, key, event.toByteArray()), onSent);
    } catch (RuntimeException e) {
      lost.increment();
      nag.warn("Trace events are dropped: {}", Nag.line(e));
    }
  }
}
