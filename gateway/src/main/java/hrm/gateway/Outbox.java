package hrm.gateway;

import hrm.proto.JobFailure.Cause;
import hrm.proto.PuzzleResult;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * What the next transaction will hold: answers, dead letters, and the offsets that go with them.
 */
final class Outbox {
  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

  private final GatewaySettings settings;
  private final String node;
  private final Producer<byte[], byte[]> producer;
  private final Tally tally;
  private final TopicLimits limits;
  private final DeadLetters deadLetters;
  private final List<ProducerRecord<byte[], byte[]>> answers = new ArrayList<>();
  private final List<ProducerRecord<byte[], byte[]>> letters = new ArrayList<>();

  Outbox(
      GatewaySettings settings,
      String node,
      Producer<byte[], byte[]> producer,
      Tally tally,
      TopicLimits limits) {
    this.settings = settings;
    this.node = node;
    this.producer = producer;
    this.tally = tally;
    this.limits = limits;
    deadLetters = new DeadLetters(settings, node, limits.letters());
  }

  void answer(Holding holding, Entry entry, PuzzleResult result) {
    byte[] value = result.toByteArray();
    var headers =
        Headers.cloudEvent("hrm.job.answered.v1", "/hrm/" + node, entry.jobId(), Instant.now());
    Headers.put(headers, Headers.ATTEMPT, Integer.toString(entry.attempt));
    Headers.put(headers, Headers.MODEL, result.getModel());
    Headers.carryOver(entry.record.headers(), headers);
    byte[] key = entry.jobId().getBytes(StandardCharsets.UTF_8);
    long bytes = TopicLimits.bytes(key, value, headers);
    if (bytes > limits.answers()) {
      bury(holding, entry, tooLarge(bytes));
      return;
    }
    answers.add(new ProducerRecord<>(settings.topics().results(), null, key, value, headers));
    about(LOG.atDebug(), entry).log("answered in attempt {}", entry.attempt);
    holding.finish(entry);
  }

  void bury(Holding holding, Entry entry, JobRejected why) {
    int attempts = holding.ledger.attempts(entry.offset());
    letters.add(deadLetters.letter(entry.record, entry.jobId(), attempts, why));
    about(LOG.atInfo(), entry).log("dead letter: {}", why.failureCause());
    holding.finish(entry);
  }

  /** With what a reader of logs in JSON looks for; the record's own text stays out of the log. */
  private static LoggingEventBuilder about(LoggingEventBuilder event, Entry entry) {
    return event
        .addKeyValue("job_id", Headers.printable(entry.jobId()))
        .addKeyValue("trace_id", Headers.traceId(entry.record.headers()));
  }

  static JobRejected solverError(Entry entry, Throwable failure) {
    return new JobRejected(
        failure instanceof LostRun ? Cause.TOO_MANY_ATTEMPTS : Cause.SOLVER_ERROR,
        "",
        "The solver failed in attempt %d, the last, with %s"
            .formatted(entry.attempt, Nag.line(failure)));
  }

  JobRejected tooManyAttempts() {
    return new JobRejected(
        Cause.TOO_MANY_ATTEMPTS,
        "",
        "The job was run %d times and each time its node or its device died (hrm.gateway.max-attempts)."
            .formatted(settings.maxAttempts()));
  }

  private JobRejected tooLarge(long bytes) {
    return new JobRejected(
        Cause.SOLVER_ERROR,
        "",
        "The answer has %d bytes, the results topic takes %d.".formatted(bytes, limits.answers()));
  }

  /**
   * Commits all that is new in one transaction, if anything is.
   *
   * @param fence asked for last, when the records are on their way
   * @throws KafkaException when that failed or is not known to have succeeded; what is in memory is
   *     worth nothing then
   */
  void commit(Map<TopicPartition, Holding> holdings, Supplier<ConsumerGroupMetadata> fence) {
    var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
    holdings.forEach(
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
    producer.sendOffsetsToTransaction(offsets, fence.get());
    producer.commitTransaction();
    offsets.keySet().forEach(partition -> holdings.get(partition).ledger.rebase());
    tally.committed.increment();
    tally.completed.add(answers.size());
    tally.deadLettered.add(letters.size());
    answers.clear();
    letters.clear();
  }
}
