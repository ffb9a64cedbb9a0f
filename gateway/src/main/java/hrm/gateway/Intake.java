package hrm.gateway;

import hrm.gateway.Holding.Entry;
import hrm.proto.JobFailure.Cause;
import hrm.proto.PuzzleResult;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

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
  private static final Duration CLOSE = Duration.ofSeconds(2);

  private record Completion(Holding holding, Entry entry, PuzzleResult result, Throwable failure) {}

  private final GatewaySettings settings;
  private final Clients clients;
  private final Solver solver;
  private final Tally tally;
  private final JobCodec codec;
  private final DeadLetters deadLetters;
  private final String node;

  private final Producer<byte[], byte[]> producer;
  private final Consumer<byte[], byte[]> consumer;
  private final Map<TopicPartition, Holding> holdings = new LinkedHashMap<>();
  private final Map<TopicPartition, Map<Long, Integer>> survivors;
  private final Queue<Completion> completions = new ConcurrentLinkedQueue<>();

  // of the transaction being put together
  private final List<ProducerRecord<byte[], byte[]>> answers = new ArrayList<>();
  private final List<ProducerRecord<byte[], byte[]>> letters = new ArrayList<>();
  private final Map<Entry, Holding> admitted = new LinkedHashMap<>();

  private RuntimeException failure; // of a callback; ends this life
  private boolean over;
  private int rotation;

  /**
   * Joins the group.
   *
   * @param survivors attempts by offset that an earlier life of this process had in flight when it
   *     ended: nobody died of them, so they are not counted. Taken from as partitions come
   * @throws KafkaException when the brokers do not answer in time
   */
  Intake(
      GatewaySettings settings,
      Clients clients,
      Solver solver,
      String node,
      Tally tally,
      Map<TopicPartition, Map<Long, Integer>> survivors) {
    this.settings = settings;
    this.clients = clients;
    this.solver = solver;
    this.node = node;
    this.tally = tally;
    this.survivors = survivors;
    codec = new JobCodec(settings.maxRecordBytes());
    deadLetters = new DeadLetters(settings, node);
    clients.ensureTopics();
    producer = clients.producer();
    Consumer<byte[], byte[]> opened = null;
    try {
      producer.initTransactions(); // ends what an earlier life of this node left open
      opened = clients.consumer();
      opened.subscribe(List.of(settings.topics().jobs()), this);
    } catch (RuntimeException e) {
      producer.close(CLOSE);
      if (opened != null) {
        opened.close(CloseOptions.timeout(CLOSE));
      }
      throw e;
    }
    consumer = opened;
  }

  /**
   * Takes what has come, commits what is finished, starts what has room.
   *
   * @param admitting false while the node drains
   */
  void turn(boolean admitting) {
    regulate(admitting);
    var records = consumer.poll(completions.isEmpty() ? settings.pollInterval() : Duration.ZERO);
    if (failure != null) {
      throw failure;
    }
    records.forEach(this::receive);
    settle();
    if (admitting) {
      admit();
    }
    commit(holdings);
    launch();
    tally.waiting = holdings.values().stream().mapToInt(h -> h.waiting.size()).sum();
  }

  /** Whether no run of this life is awaited. */
  boolean idle() {
    return holdings.values().stream().allMatch(h -> h.inFlight.isEmpty());
  }

  /** Gives up all unfinished jobs in good order; the last thing to do before {@link #close}. */
  void handBack() {
    settle();
    holdings.values().forEach(Holding::handBackAll);
    commit(holdings);
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
          for (var partition : assigned) {
            holdings.put(partition, take(partition, committed.get(partition)));
          }
          tally.partitions = holdings.size();
        });
  }

  private Holding take(TopicPartition partition, OffsetAndMetadata at) {
    long offset = at == null ? consumer.position(partition) : at.offset();
    var ledger = new OffsetLedger(offset, at == null ? null : at.metadata());
    var mine = survivors.remove(partition);
    if (mine != null) {
      mine.forEach(
          (job, attempt) -> {
            if (ledger.attempts(job) == attempt) { // nobody else has run it since
              ledger.handBack(job);
            }
          });
    }
    return new Holding(ledger, settings.maxAttempts());
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> revoked) {
    guarded(
        () -> {
          settle();
          var leaving = new LinkedHashMap<>(holdings);
          leaving.keySet().retainAll(revoked);
          leaving.values().forEach(Holding::handBackAll);
          commit(holdings);
          forget(revoked);
        });
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> lost) {
    forget(lost); // another node owns them already: nothing to commit
  }

  private void forget(Collection<TopicPartition> partitions) {
    holdings.keySet().removeAll(partitions);
    tally.partitions = holdings.size();
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

  /** Back-pressure: reads on only while there are free slots that nothing waits for. */
  private void regulate(boolean admitting) {
    int ready = holdings.values().stream().mapToInt(Holding::ready).sum();
    boolean enough = !admitting || ready >= Math.max(1, freeSlots());
    var stop = new ArrayList<TopicPartition>();
    var go = new ArrayList<TopicPartition>();
    var paused = consumer.paused();
    holdings.forEach(
        (partition, holding) -> {
          boolean wanted = !enough && !holding.ledger.full();
          if (wanted && paused.contains(partition)) {
            go.add(partition);
          } else if (!wanted && !paused.contains(partition)) {
            stop.add(partition);
          }
        });
    consumer.pause(stop);
    consumer.resume(go);
  }

  private int freeSlots() {
    return solver.capacity() - tally.running.get();
  }

  private void receive(ConsumerRecord<byte[], byte[]> record) {
    var holding = holdings.get(new TopicPartition(record.topic(), record.partition()));
    if (holding == null || !holding.ledger.see(record.offset())) {
      return;
    }
    tally.received.increment();
    Entry entry;
    try {
      entry = new Entry(record, codec.decode(record), null);
    } catch (JobRejected e) {
      entry = new Entry(record, null, e);
    }
    holding.waiting.put(entry.offset(), entry);
  }

  /** Turns completed runs into answers, dead letters and further attempts. */
  private void settle() {
    for (var done = completions.poll(); done != null; done = completions.poll()) {
      var holding = done.holding;
      if (!holdings.containsValue(holding)
          || holding.inFlight.get(done.entry.offset()) != done.entry) {
        continue; // of a partition that has been given up since
      }
      if (done.failure == null) {
        answer(holding, done.entry, done.result);
      } else if (done.failure instanceof JobRejected rejected) {
        bury(holding, done.entry, rejected);
      } else if (holding.isWornOut(done.entry)) {
        bury(holding, done.entry, solverError(done));
      } else {
        holding.retry(done.entry, System.nanoTime() + backoff(done.entry.attempt));
      }
    }
  }

  private JobRejected solverError(Completion done) {
    return new JobRejected(
        Cause.SOLVER_ERROR,
        "",
        "The solver failed in each of %d attempts, at last with %s"
            .formatted(done.entry.attempt, Nag.line(done.failure)));
  }

  private long backoff(int attempt) {
    return settings.retryBackoff().toNanos() << Math.min(attempt - 1, 10);
  }

  private void answer(Holding holding, Entry entry, PuzzleResult result) {
    byte[] value = result.toByteArray();
    if (value.length > Topics.MAX_MESSAGE_BYTES - 65_536) {
      bury(
          holding,
          entry,
          new JobRejected(
              Cause.SOLVER_ERROR,
              "",
              "The answer has %d bytes, more than the results topic takes."
                  .formatted(value.length)));
      return;
    }
    var headers =
        Headers.cloudEvent("hrm.job.answered.v1", "/hrm/" + node, entry.jobId(), Instant.now());
    Headers.put(headers, Headers.ATTEMPT, Integer.toString(entry.attempt));
    Headers.put(headers, Headers.MODEL, result.getModel());
    Headers.carryOver(entry.record.headers(), headers);
    byte[] key = entry.jobId().getBytes(StandardCharsets.UTF_8);
    answers.add(new ProducerRecord<>(settings.topics().results(), null, key, value, headers));
    holding.finish(entry);
  }

  private void bury(Holding holding, Entry entry, JobRejected why) {
    int attempts = holding.ledger.attempts(entry.offset());
    letters.add(deadLetters.letter(entry.record, entry.jobId(), attempts, why));
    holding.finish(entry);
  }

  /** Marks as many waiting jobs as there are free slots; every turn begins at another partition. */
  private void admit() {
    int free = freeSlots();
    boolean suspectRuns = holdings.values().stream().anyMatch(h -> h.suspectsInFlight() > 0);
    var order = new ArrayList<>(holdings.values());
    Collections.rotate(order, rotation++);
    for (Holding holding : order) {
      for (Entry entry : List.copyOf(holding.waiting.values())) {
        if (!holding.ledger.hasRoomFor(entry.offset())) {
          continue;
        }
        if (entry.unreadable != null) {
          bury(holding, entry, entry.unreadable);
        } else if (holding.isWornOut(entry)) {
          bury(holding, entry, tooManyAttempts());
        } else if (free > 0 && isDue(entry) && !(suspectRuns && holding.isSuspect(entry))) {
          suspectRuns |= holding.isSuspect(entry);
          holding.dispatch(entry);
          admitted.put(entry, holding);
          free--;
        }
      }
    }
  }

  private static boolean isDue(Entry entry) {
    return !entry.delayed || System.nanoTime() - entry.notBefore >= 0;
  }

  private JobRejected tooManyAttempts() {
    return new JobRejected(
        Cause.TOO_MANY_ATTEMPTS,
        "",
        "The job was run %d times and each time its node or its device died (hrm.gateway.max-attempts)."
            .formatted(settings.maxAttempts()));
  }

  private void commit(Map<TopicPartition, Holding> owned) {
    var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
    owned.forEach(
        (partition, holding) -> {
          var ledger = holding.ledger;
          if (ledger.changed()) {
            offsets.put(partition, new OffsetAndMetadata(ledger.lowWater(), ledger.metadata()));
          }
        });
    if (offsets.isEmpty()) {
      return;
    }
    producer.beginTransaction();
    answers.forEach(producer::send);
    letters.forEach(producer::send);
    producer.sendOffsetsToTransaction(offsets, clients.fence(consumer));
    producer.commitTransaction();
    offsets.keySet().forEach(partition -> owned.get(partition).ledger.rebase());
    tally.committed.increment();
    tally.completed.add(answers.size());
    tally.deadLettered.add(letters.size());
    answers.clear();
    letters.clear();
  }

  /** Runs what was admitted; only called when that is committed. */
  private void launch() {
    admitted.forEach(
        (entry, holding) -> {
          if (entry.attempt > 1) {
            tally.redelivered.increment();
          }
          tally.running.incrementAndGet();
          solve(entry)
              .whenComplete(
                  (result, thrown) -> {
                    tally.running.decrementAndGet();
                    completions.add(new Completion(holding, entry, result, cause(result, thrown)));
                  });
        });
    admitted.clear();
  }

  private CompletionStage<PuzzleResult> solve(Entry entry) {
    try {
      return solver.solve(entry.job, entry.attempt);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static Throwable cause(PuzzleResult result, Throwable thrown) {
    if (thrown == null && result == null) {
      return new IllegalStateException("the solver answered null");
    }
    boolean wrapped = thrown instanceof CompletionException && thrown.getCause() != null;
    return wrapped ? thrown.getCause() : thrown;
  }

  /** Leaves the group at once; what is not committed by now is forgotten here. */
  @Override
  public void close() {
    over = true;
    holdings.forEach(
        (partition, holding) -> {
          if (!holding.inFlight.isEmpty()) {
            survivors.put(partition, holding.attemptsInFlight());
          }
        });
    forget(List.copyOf(holdings.keySet()));
    try {
      producer.close(CLOSE); // aborts the open transaction
    } finally {
      consumer.close(CloseOptions.timeout(CLOSE));
    }
  }
}
