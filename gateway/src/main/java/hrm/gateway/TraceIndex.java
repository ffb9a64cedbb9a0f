package hrm.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import hrm.proto.TraceEvent;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The traced jobs that the trace topic holds, and where their events are: a thread of its own reads
 * the topic from the beginning of its retention, and keeps a summary and the offsets of each job.
 * Survives brokers that are away. Thread-safe.
 */
public final class TraceIndex implements AutoCloseable {
  /**
   * @param indexing whether it still reads what was there when it started, or waits for a broker
   * @param jobs held now
   * @param events read since the start
   * @param forgotten jobs given up for the bound on memory
   * @param dropped events that the nodes say they did not record
   * @param corrupt records that are no trace event, skipped
   * @param bytes of heap, as reckoned
   */
  public record Stats(
      boolean indexing,
      int jobs,
      long events,
      long forgotten,
      long dropped,
      long corrupt,
      long bytes) {}

  /**
   * Of one job, in the order of the topic.
   *
   * @param truncated whether there are, or were, more than these: above the cap, deleted by Kafka's
   *     retention, or not to be had from the brokers in time
   * @param corrupt records of these that could not be read
   */
  public record Events(List<TraceEvent> events, boolean truncated, int corrupt) {}

  /** Told of changes, on the index's own thread: to return soon. What it throws is logged. */
  @FunctionalInterface
  public interface Listener {
    /** At most once for each job and batch of records; not for what was there at the start. */
    void changed(JobSummary job);
  }

  private static final Logger LOG = LoggerFactory.getLogger(TraceIndex.class);
  private static final Duration POLL = Duration.ofMillis(250);
  private static final long RETRY_MILLIS = 500;
  private static final long RETENTION_NANOS = Duration.ofMinutes(1).toNanos();
  private static final int LONGEST_ID = 1024;

  private final String topic;
  private final Supplier<Consumer<byte[], byte[]>> supplier;
  private final TracedJobs jobs;
  private final TraceRecords records;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();
  private final Map<TopicPartition, Long> next = new HashMap<>(); // the thread's own
  private final LongAdder corrupt = new LongAdder();
  private final Nag nag = new Nag(LOG);
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;
  private boolean everCaughtUp = false; // the thread's own
  private volatile boolean indexing = true;
  private volatile Consumer<byte[], byte[]> consumer;

  TraceIndex(
      String topic,
      TraceIndexSettings settings,
      String node,
      Supplier<Consumer<byte[], byte[]>> all,
      Supplier<Consumer<byte[], byte[]>> single) {
    this.topic = topic;
    this.supplier = all;
    this.jobs = new TracedJobs(settings);
    this.records = new TraceRecords(topic, single);
    this.thread = new Thread(this::run, "hrm-trace-index-" + node);
    thread.setDaemon(true);
    thread.start();
  }

  /** Begins to read, as soon as there is a broker and the topic. Returns at once. */
  public static TraceIndex start(
      GatewaySettings gateway, TraceIndexSettings settings, String node) {
    return new TraceIndex(
        gateway.topics().trace(),
        settings,
        node,
        () -> new KafkaConsumer<>(KafkaProps.traceReader(gateway, node)),
        () -> new KafkaConsumer<>(KafkaProps.traceRecords(gateway, node)));
  }

  /** The newest first, at most so many. */
  public List<JobSummary> jobs(int limit) {
    return jobs.newest(limit);
  }

  public Optional<JobSummary> job(String id) {
    return jobs.job(id);
  }

  /**
   * Reads the job's records, and no others than those between them. Blocks for some milliseconds,
   * at most a few seconds; calls wait for each other.
   *
   * @param max the first so many
   * @return without events for a job that is not known
   */
  public Events events(String id, int max) {
    return jobs.places(id, max)
        .map(
            places ->
                places.offsets().length == 0
                    ? new Events(List.of(), places.more(), 0)
                    : records.read(places))
        .orElse(new Events(List.of(), false, 0));
  }

  public void addListener(Listener listener) {
    listeners.add(listener);
  }

  public void removeListener(Listener listener) {
    listeners.remove(listener);
  }

  public Stats stats() {
    return jobs.stats(indexing, corrupt.sum());
  }

  @Override
  public void close() {
    closing.countDown();
    Consumer<byte[], byte[]> polling = consumer;
    if (polling != null) {
      polling.wakeup();
    }
    try {
      thread.join(TimeUnit.SECONDS.toMillis(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    records.close();
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void run() {
    while (!isClosing()) {
      try {
        consumer = supplier.get();
        follow();
      } catch (WakeupException e) {
        LOG.debug("closing");
      } catch (KafkaException e) {
        nag.warn("Traces are not indexed: {}. Trying again.", Nag.line(e));
      } catch (RuntimeException e) {
        nag.warn("The index of traces failed and goes on", e);
      }
      indexing = true;
      release();
      pause();
    }
  }

  private void release() {
    try {
      if (consumer != null) {
        consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
      }
    } catch (KafkaException e) {
      LOG.debug("closing the reader of traces", e);
    } finally {
      consumer = null;
    }
  }

  private void pause() {
    try {
      if (closing.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
        LOG.debug("closing");
      }
    } catch (InterruptedException e) {
      closing.countDown();
    }
  }

  private void follow() {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    if (partitions.isEmpty()) {
      throw new KafkaException("there is no topic " + topic + " yet");
    }
    consumer.assign(partitions);
    Map<TopicPartition, Long> starts = consumer.beginningOffsets(partitions);
    Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
    partitions.forEach(p -> consumer.seek(p, Math.max(next.getOrDefault(p, 0L), starts.get(p))));
    long checked = System.nanoTime();
    while (!isClosing()) {
      read(consumer.poll(POLL));
      if (indexing && ends.entrySet().stream().allMatch(e -> at(e.getKey()) >= e.getValue())) {
        indexing = false;
        everCaughtUp = true;
      }
      if (System.nanoTime() - checked > RETENTION_NANOS) {
        checked = System.nanoTime();
        Map<Integer, Long> deletedBelow = new HashMap<>();
        consumer
            .beginningOffsets(partitions)
            .forEach((p, at) -> deletedBelow.put(p.partition(), at));
        jobs.deleted(deletedBelow);
      }
    }
  }

  private long at(TopicPartition partition) {
    return consumer.position(partition);
  }

  private void read(ConsumerRecords<byte[], byte[]> batch) {
    Set<String> changed = new LinkedHashSet<>();
    for (var record : batch) {
      next.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
      TraceEvent event = event(record);
      if (event == null) {
        corrupt.increment();
      } else {
        jobs.read(event, record.partition(), record.offset());
        changed.add(event.getJobId());
      }
    }
    if (everCaughtUp && !listeners.isEmpty()) {
      changed.forEach(id -> jobs.job(id).ifPresent(this::tell));
    }
  }

  /** Null for what is none. */
  private static TraceEvent event(ConsumerRecord<byte[], byte[]> record) {
    if (record.value() == null) {
      return null;
    }
    try {
      TraceEvent event = TraceEvent.parseFrom(record.value());
      int length = event.getJobId().length();
      return length > 0 && length <= LONGEST_ID ? event : null;
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }

  private void tell(JobSummary job) {
    for (Listener listener : listeners) {
      try {
        listener.changed(job);
      } catch (RuntimeException e) {
        nag.warn("A viewer of traces failed", e);
      }
    }
  }
}
