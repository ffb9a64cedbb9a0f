package hrm.gateway;

import com.google.protobuf.InvalidProtocolBufferException;
import hrm.proto.TraceEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads trace events from where they are known to be. Its callers wait for each other. */
final class TraceRecords implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Records between two wanted ones that are read over, rather than sought past. */
  private static final long NEAR = 2_000;

  /** Of one job's records together. */
  private static final long MAX_BYTES = 64L << 20;

  private final String topic;
  private final Supplier<Consumer<byte[], byte[]>> supplier;
  private Consumer<byte[], byte[]> consumer; // null until it is wanted, and after a failure

  TraceRecords(String topic, Supplier<Consumer<byte[], byte[]>> supplier) {
    this.topic = topic;
    this.supplier = supplier;
  }

  synchronized TraceIndex.Events read(TracedJobs.Places places) {
    var reading = new Reading(places.offsets());
    try {
      if (consumer == null) {
        consumer = supplier.get();
      }
      read(new TopicPartition(topic, places.partition()), reading);
    } catch (KafkaException e) {
      close();
    }
    return new TraceIndex.Events(
        reading.events, places.more() || !reading.complete(), reading.corrupt);
  }

  private void read(TopicPartition partition, Reading reading) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    consumer.assign(List.of(partition));
    consumer.seek(partition, reading.wanted());
    while (!reading.done() && System.nanoTime() < deadline) {
      for (var record : consumer.poll(POLL).records(partition)) {
        reading.take(record);
      }
      long position = consumer.position(partition, PATIENCE);
      reading.passed(position);
      if (!reading.done() && reading.wanted() - position > NEAR) {
        consumer.seek(partition, reading.wanted());
      }
    }
  }

  /** How far one job's reading has come. */
  private static final class Reading {
    final List<TraceEvent> events = new ArrayList<>();
    private final long[] offsets;
    private int next = 0;
    private long bytes = 0;
    int corrupt = 0;

    Reading(long[] offsets) {
      this.offsets = offsets;
    }

    boolean done() {
      return next == offsets.length || bytes > MAX_BYTES;
    }

    boolean complete() {
      return events.size() + corrupt == offsets.length;
    }

    long wanted() {
      return offsets[next];
    }

    /** What is below this offset is no longer to be had. */
    void passed(long offset) {
      while (next < offsets.length && offsets[next] < offset) {
        next++;
      }
    }

    void take(ConsumerRecord<byte[], byte[]> record) {
      passed(record.offset());
      if (done() || wanted() != record.offset()) {
        return;
      }
      next++;
      byte[] value = record.value() == null ? new byte[0] : record.value();
      bytes += value.length;
      try {
        events.add(TraceEvent.parseFrom(value));
      } catch (InvalidProtocolBufferException e) {
        corrupt++;
      }
    }
  }

  @Override
  public synchronized void close() {
    if (consumer != null) {
      consumer.close(CloseOptions.timeout(Duration.ofSeconds(1)));
      consumer = null;
    }
  }
}
