package hrm.gateway;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's way from the jobs topic through a {@link Solver} to the results topic: jobs run in any
 * order, every answer is visible once to read_committed readers. Survives brokers that are away, at
 * the start too.
 */
public final class JobSource implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JobSource.class);
  private static final long RETRY_MILLIS = 300;
  private static final long CAREFUL_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final long CLOSE_MARGIN_MILLIS = 20_000;

  /**
   * Counts since the start, except the last six, which are of this moment.
   *
   * @param received job records taken from the topic, again after every reassignment
   * @param completed answers committed
   * @param deadLettered dead letters committed
   * @param redelivered runs that were not a job's first
   * @param committed transactions committed
   * @param aborted lives of the Kafka clients that ended with an error; what they had not committed
   *     is done again
   * @param failed runs that ended without an answer
   * @param inFlight runs not complete
   * @param waiting jobs read but not started
   * @param partitions partitions owned; 0 while there is no broker
   * @param unreadable partitions assigned of which no job is taken, because what is committed of
   *     them is not this version's
   * @param lag records not read yet, as the brokers or the last fetch said within the last second
   * @param joined whether this node is a member of the consumer group, with partitions or without
   */
  public record Stats(
      long received,
      long completed,
      long deadLettered,
      long redelivered,
      long committed,
      long aborted,
      long failed,
      int inFlight,
      int waiting,
      int partitions,
      int unreadable,
      long lag,
      boolean joined) {
    /** Jobs that are not answered, of this node's partitions. */
    public long unfinished() {
      return inFlight + waiting + lag;
    }
  }

  /**
   * How far a partition is, as of the last half second.
   *
   * @param lowWaterLag records from the committed low-water mark to the topic's end
   * @param windowUsed of these, offsets up to the last one read: where it comes near {@link
   *     OffsetLedger#WINDOW}, one job holds all later ones up
   * @param bitmapBytes of the bookkeeping that travels with the committed offset
   */
  public record Progress(long lowWaterLag, long windowUsed, int bitmapBytes) {}

  private final GatewaySettings settings;
  private final Solver solver;
  private final String node;
  private final Clients clients;
  private final Tally tally = new Tally();
  private final Map<TopicPartition, Map<Long, Integer>> survivors = new HashMap<>();
  private final Nag nag = new Nag(LOG);
  private final Rivals rivals;
  private final Runnable giveUp;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final Thread thread;

  /**
   * @param node unique among the nodes that run, the same after a restart of this one
   */
  public JobSource(GatewaySettings settings, Solver solver, String node) {
    this(settings, solver, node, ClientWatch.NONE, () -> {});
  }

  /**
   * @param watch sees the Kafka clients as they come and go
   * @param giveUp called when no more jobs are taken, because another node has this one's name
   */
  public JobSource(
      GatewaySettings settings, Solver solver, String node, ClientWatch watch, Runnable giveUp) {
    this(settings, solver, node, new Clients(settings, node, watch), giveUp);
  }

  JobSource(
      GatewaySettings settings, Solver solver, String node, Clients clients, Runnable giveUp) {
    this.settings = settings;
    this.solver = solver;
    this.node = node;
    this.clients = clients;
    this.giveUp = giveUp;
    rivals = new Rivals(settings.transactionTimeout(), System::nanoTime);
    thread = new Thread(this::run, "hrm-intake-" + node);
  }

  /** Begins to take jobs, as soon as there is a broker; to be called once. */
  public void start() {
    if (!settings.fencing()) {
      LOG.warn("hrm.gateway.fencing = off: answers may double. Only for the negative control.");
    }
    thread.start();
  }

  public Stats stats() {
    return new Stats(
        tally.received.sum(),
        tally.completed.sum(),
        tally.deadLettered.sum(),
        tally.redelivered.sum(),
        tally.committed.sum(),
        tally.aborted.sum(),
        tally.failed.sum(),
        tally.running.get(),
        tally.waiting,
        tally.partitions,
        tally.unreadable,
        tally.lag,
        tally.joined);
  }

  /** Of each partition that this node owns, by its number. */
  public Map<Integer, Progress> progress() {
    return tally.progress;
  }

  /**
   * Takes no more jobs, waits up to {@code drain-timeout} for those in flight, commits their
   * answers and hands the others back, their attempts not counted.
   */
  @Override
  public void close() {
    closing.countDown();
    try {
      thread.join(settings.drainTimeout().toMillis() + CLOSE_MARGIN_MILLIS);
      if (thread.isAlive()) {
        LOG.warn("No broker to hand unfinished jobs back to; they will count one attempt more.");
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      Thread.currentThread().interrupt();
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void run() {
    boolean careful = false;
    while (!isClosing()) {
      try (var intake = new Intake(settings, clients, solver, node, tally, survivors, careful)) {
        long begun = System.nanoTime();
        while (!isClosing() && !(careful && System.nanoTime() - begun > CAREFUL_NANOS)) {
          intake.turn(true);
        }
        drain(intake);
        careful = false;
      } catch (RecordsTooLarge e) {
        tally.aborted.increment();
        careful = true;
        nag.warn("{}", e.getMessage());
      } catch (ProducerFencedException | InvalidProducerEpochException e) {
        tally.aborted.increment();
        if (rivals.fenced()) {
          LOG.error(
              "Another node runs under the name {} and ends this one's transactions, as this one does"
                  + " its: no more jobs are taken here. Give each a hrm.node.name (HRM_NODE_NAME) of"
                  + " its own.",
              node);
          giveUp.run();
          return;
        }
        nag.warn("A node of the name {} has begun anew: {}. Trying again.", node, Nag.line(e));
      } catch (KafkaException e) {
        tally.aborted.increment();
        nag.warn("Kafka at {}: {}. Trying again.", settings.bootstrap(), Nag.line(e));
      } catch (RuntimeException | Error e) {
        tally.aborted.increment();
        nag.warn("The intake failed and begins again from what is committed", e);
      }
      pause();
    }
  }

  private void drain(Intake intake) {
    long deadline = System.nanoTime() + settings.drainTimeout().toNanos();
    while (!intake.idle() && System.nanoTime() < deadline) {
      intake.turn(false);
    }
    intake.handBack();
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
}
