package hrm.gateway;

import hrm.proto.PuzzleJob;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/** Sends jobs to the jobs topic. Thread-safe. */
public final class JobProducer implements AutoCloseable {
  /**
   * Where a job lies.
   *
   * @param jobId the id under which its answer will come
   */
  public record Sent(String jobId, int partition, long offset) {}

  private final Producer<byte[], byte[]> producer;
  private final String topic;
  private final String source;
  private final Clock clock;

  /**
   * @param source URI of who speaks, for the CloudEvents header {@code ce_source}
   */
  public JobProducer(GatewaySettings settings, String source) {
    this(settings, source, Clock.systemUTC());
  }

  JobProducer(GatewaySettings settings, String source, Clock clock) {
    producer = new KafkaProducer<>(KafkaProps.jobs(settings));
    topic = settings.topics().jobs();
    this.source = source;
    this.clock = clock;
  }

  /**
   * Sends a job, keyed by its id; one without an id is named "topic-partition-offset".
   *
   * @return completes when the brokers have it; fails with a {@link KafkaException} when they have
   *     not taken it
   */
  public CompletionStage<Sent> send(PuzzleJob job) {
    var sent = new CompletableFuture<Sent>();
    var time =
        job.hasSubmittedAt()
            ? Instant.ofEpochSecond(
                job.getSubmittedAt().getSeconds(), job.getSubmittedAt().getNanos())
            : clock.instant();
    var headers = Headers.cloudEvent("hrm.job.submitted.v1", source, job.getId(), time);
    if (job.getId().isEmpty()) {
      headers.remove(Headers.JOB_ID);
      headers.remove("ce_subject");
      Headers.put(headers, "ce_id", time.toString());
    }
    byte[] key = job.getId().isEmpty() ? null : job.getId().getBytes(StandardCharsets.UTF_8);
    try {
      producer.send(
          new ProducerRecord<>(topic, null, key, job.toByteArray(), headers),
          (at, e) -> {
            if (e != null) {
              sent.completeExceptionally(e);
            } else {
              String name = topic + "-" + at.partition() + "-" + at.offset();
              String id = job.getId().isEmpty() ? name : job.getId();
              sent.complete(new Sent(id, at.partition(), at.offset()));
            }
          });
    } catch (KafkaException e) {
      sent.completeExceptionally(e);
    }
    return sent;
  }

  /** Waits until everything sent is taken or refused. */
  public void flush() {
    producer.flush();
  }

  @Override
  public void close() {
    producer.close(Duration.ofSeconds(30));
  }
}
