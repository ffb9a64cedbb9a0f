package hrm.gateway;

import hrm.proto.TraceEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;

/** The trace topic in memory: any number of consumers read it, and seek in it. */
final class TraceTopic {
  static final String NAME = "trace";
  private final List<List<byte[]>> partitions = new ArrayList<>();
  private final Map<Integer, Long> starts = new HashMap<>();

  /** Polls that were answered with something, and records in them. */
  int records = 0;

  TraceTopic(int partitions) {
    for (int i = 0; i < partitions; i++) {
      this.partitions.add(new ArrayList<>());
      starts.put(i, 0L);
    }
  }

  synchronized long add(int partition, byte[] value) {
    partitions.get(partition).add(value);
    notifyAll();
    return partitions.get(partition).size() - 1;
  }

  void add(int partition, TraceEvent event) {
    add(partition, event.toByteArray());
  }

  synchronized void replace(int partition, long offset, byte[] value) {
    partitions.get(partition).set((int) offset, value);
  }

  /** As retention does. */
  synchronized void deleteBelow(int partition, long offset) {
    starts.put(partition, offset);
  }

  Consumer<byte[], byte[]> consumer() {
    var consumer = new Reader();
    List<PartitionInfo> infos = new ArrayList<>();
    for (int i = 0; i < partitions.size(); i++) {
      infos.add(new PartitionInfo(NAME, i, null, null, null));
    }
    consumer.updatePartitions(NAME, infos);
    return consumer;
  }

  private final class Reader extends MockConsumer<byte[], byte[]> {
    private boolean woken;

    Reader() {
      super("earliest");
    }

    @Override
    public Map<TopicPartition, Long> beginningOffsets(java.util.Collection<TopicPartition> of) {
      synchronized (TraceTopic.this) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        of.forEach(p -> offsets.put(p, starts.get(p.partition())));
        return offsets;
      }
    }

    @Override
    public Map<TopicPartition, Long> endOffsets(java.util.Collection<TopicPartition> of) {
      synchronized (TraceTopic.this) {
        Map<TopicPartition, Long> offsets = new HashMap<>();
        of.forEach(p -> offsets.put(p, (long) partitions.get(p.partition()).size()));
        return offsets;
      }
    }

    @Override
    public long position(TopicPartition partition, Duration timeout) {
      return position(partition);
    }

    @Override
    public void wakeup() {
      synchronized (TraceTopic.this) {
        woken = true;
        TraceTopic.this.notifyAll();
      }
    }

    @Override
    public ConsumerRecords<byte[], byte[]> poll(Duration timeout) {
      synchronized (TraceTopic.this) {
        var batch = batch();
        if (batch.isEmpty() && !woken) {
          try {
            TraceTopic.this.wait(timeout.toMillis());
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          batch = batch();
        }
        records += batch.count();
        return batch;
      }
    }

    private ConsumerRecords<byte[], byte[]> batch() {
      Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> batch = new HashMap<>();
      Map<TopicPartition, OffsetAndMetadata> next = new HashMap<>();
      for (TopicPartition p : assignment()) {
        List<byte[]> log = partitions.get(p.partition());
        long from = Math.max(position(p), starts.get(p.partition()));
        long to = Math.min(log.size(), from + 500);
        List<ConsumerRecord<byte[], byte[]>> some = new ArrayList<>();
        for (long at = from; at < to; at++) {
          byte[] key = "k".getBytes(StandardCharsets.UTF_8);
          some.add(new ConsumerRecord<>(NAME, p.partition(), at, key, log.get((int) at)));
        }
        seek(p, Math.max(from, to));
        if (!some.isEmpty()) {
          batch.put(p, some);
          next.put(p, new OffsetAndMetadata(to));
        }
      }
      return new ConsumerRecords<>(batch, next);
    }
  }
}
