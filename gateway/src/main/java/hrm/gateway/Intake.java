package hrm.gateway;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One life of a node's Kafka clients. Any failure ends it, and all that it held in memory with it:
 * the next one begins from what is committed. Used by one thread.
 *
 * <p>The order of a {@link #turn} carries the guarantees. Answers, dead letters, offsets and the
 * mark "dispatched" of new jobs are committed in one transaction (KIP-98, KIP-447), and only then
 * are the new jobs run: so an answer is visible once, and a run that kills this process has been
 * counted before it began.
 */
final class Intake implements ConsumerRebalanceListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Intake.class);
  private static final Duration CLOSE = Duration.ofSeconds(2);

  private final GatewaySettings settings;
  private final Clients clients;
  private final Tally tally;
  private final JobCodec codec;
  private final Runs runs;
  private final Refusals refusals = new Refusals();
  private final Outbox outbox;
  private final Throttle throttle;
  private final TopicEnds ends;
  private final Lag lag;
  private final Settlement settlement;
  private final Admission admission;

  private final Producer<byte[], byte[]> producer;
  private final Consumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, Holding> holdings = new LinkedHashMap<>();
  private final Set<TopicPartition> unreadable = new HashSet<>(); // ours, but not to be touched
  private final Map<TopicPartition, Map<Long, Integer>> survivors;

  private RuntimeException failure; // of a callback; ends this life
  private boolean over;

  /**
   * Joins the group.
   *
   * @param survivors attempts by offset that an earlier life of this process had in flight when it
   *     ended: nobody died of them, so they are not counted. Kept here until that is committed
   * @param careful whether an earlier life has met records that do not fit the heap
   * @throws KafkaException when the brokers do not answer in time
   */
  Intake(
      GatewaySettings settings,
      Clients clients,
      Solver solver,
      String node,
      Tally tally,
      Map<TopicPartition, Map<Long, Integer>> survivors,
      boolean careful) {
    this.settings = settings;
    this.clients = clients;
    this.tally = tally;
    this.survivors = survivors;
    codec = new JobCodec(settings.maxRecordBytes());
    runs = new Runs(solver, tally);
    clients.ensureTopics();
    var limits = clients.limits();
    producer = clients.producer();
    outbox = new Outbox(settings, node, producer, tally, limits);
    settlement = new Settlement(settings, tally, runs, outbox, refusals);
    admission = new Admission(solver, tally, outbox, runs, refusals);
    Consumer<byte[], byte[]> opened = null;
    try {
      producer.initTransactions(); // ends what an earlier life of this node left open
      opened = clients.consumer(Throttle.records(settings, careful));
      opened.subscribe(List.of(settings.topics().jobs()), this);
      ends = clients.ends();
    } catch (RuntimeException e) {
      clients.closing();
      producer.close(CLOSE);
      if (opened != null) {
        opened.close(CloseOptions.timeout(CLOSE));
      }
      throw e;
    }
    consumer = opened;
    throttle = new Throttle(consumer, holdings, runs, refusals, settings.pollInterval(), careful);
    lag = new Lag(consumer, holdings, tally, ends, System::nanoTime);
  }

  /**
   * Takes what has come, commits what is finished, starts what has room.
   *
   * @param admitting false while the node drains
   */
  void turn(boolean admitting) {
    var records = throttle.read(admitting, admission.freeSlots());
    if (failure != null) {
      throw failure;
    }
    records.forEach(this::receive);
    settlement.settle(holdings.values());
    if (admitting) {
      admission.admit(holdings.values());
    }
    commit();
    admission.launch();
    tally.waiting = holdings.values().stream().mapToInt(Holding::waiting).sum();
    lag.measure();
  }

  /** Whether no run of this life is awaited. */
  boolean idle() {
    return holdings.values().stream().allMatch(h -> h.inFlight.isEmpty());
  }

  /** Gives up all unfinished jobs in good order; the last thing to do before {@link #close}. */
  void handBack() {
    settlement.settle(holdings.values());
    giveUp(holdings);
    holdings.clear();
  }

  // ---- the group

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> assigned) {
    guarded(
        () -> {
          if (assigned.isEmpty()) {
            return;
          }
          // waits while a transaction of an earlier owner is pending
          var committed = consumer.committed(Set.copyOf(assigned));
          Uncommitted.warn(consumer, assigned, committed, settings.group());
          for (var partition : assigned) {
            take(partition, committed.get(partition));
          }
          tally.partitions = holdings.size();
          tally.unreadable = unreadable.size();
        });
  }

  private void take(TopicPartition partition, OffsetAndMetadata at) {
    long offset = at == null ? consumer.position(partition) : at.offset();
    OffsetLedger ledger;
    try {
      ledger = new OffsetLedger(offset, at == null ? null : at.metadata());
    } catch (IllegalArgumentException e) {
      leaveAlone(partition, e.getMessage());
      return;
    }
    survivors
        .getOrDefault(partition, Map.of())
        .forEach(
            (job, attempt) -> {
              if (ledger.attempts(job) == attempt) { // nobody else has run it since
                ledger.handBack(job);
              }
            });
    holdings.put(partition, new Holding(ledger, settings.maxAttempts()));
  }

  /** Whoever wrote that knows which of its jobs are answered; nobody else may answer them. */
  private void leaveAlone(TopicPartition partition, String why) {
    unreadable.add(partition);
    consumer.pause(List.of(partition));
    LOG.error(
        "No job of {} is taken. {} Start this version's successor, or, once no other program is in"
            + " the group {}, set the partition's offset with kafka-consumer-groups.sh: jobs behind"
            + " it are done again.",
        partition,
        why,
        settings.group());
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
    guarded(
        () -> {
          settlement.settle(holdings.values());
          var leaving = new LinkedHashMap<>(holdings);
          leaving.keySet().retainAll(revoked);
          giveUp(leaving);
          forget(revoked);
        });
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> lost) {
    survivors.keySet().removeAll(lost);
    forget(lost); // another node owns them already: nothing to commit
  }

  private void giveUp(Map<TopicPartition, Holding> leaving) {
    leaving.forEach(this::remember);
    leaving.values().forEach(Holding::handBackAll);
    commit();
  }

  /** For a later life of this process, until it is committed that those runs do not count. */
  private void remember(TopicPartition partition, Holding holding) {
    if (!holding.inFlight.isEmpty()) {
      survivors.computeIfAbsent(partition, p -> new HashMap<>()).putAll(holding.attemptsInFlight());
    }
  }

  private void forget(Collection<TopicPartition> partitions) {
    holdings.keySet().removeAll(partitions);
    unreadable.removeAll(partitions);
    tally.partitions = holdings.size();
    tally.unreadable = unreadable.size();
    if (holdings.isEmpty()) {
      tally.lag = 0;
      tally.progress = Map.of();
    }
  }

  /** Keeps a callback's failure for the turn: a consumer wraps it or goes on, by its version. */
  private void guarded(Runnable callback) {
    if (over || failure != null) {
      return;
    }
    try {
      callback.run();
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  // ---- one turn

  private void receive(ConsumerRecord<byte[], byte[]> record) {
    var holding = holdings.get(new TopicPartition(record.topic(), record.partition()));
    if (holding == null) {
      return;
    }
    if (!holding.see(record)) {
      return;
    }
    tally.received.increment();
    Entry entry;
    try {
      entry = new Entry(record, codec.decode(record), null);
    } catch (JobRejected e) {
      entry = new Entry(record, null, e);
    }
    holding.await(entry);
  }

  private void commit() {
    outbox.commit(holdings, () -> clients.fence(consumer));
    survivors.keySet().removeAll(holdings.keySet());
  }

  /** Leaves the group at once; what is not committed by now is forgotten here. */
  @Override
  public void close() {
    over = true;
    holdings.forEach(this::remember);
    forget(List.copyOf(holdings.keySet()));
    tally.unreadable = 0;
    tally.joined = false;
    clients.closing();
    try {
      producer.close(CLOSE); // aborts the open transaction
    } finally {
      ends.close();
      consumer.close(CloseOptions.timeout(CLOSE));
    }
  }
}
