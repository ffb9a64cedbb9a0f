package hrm.gateway;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether there is anybody to talk to. */
public final class Brokers {
  /** A patience that never ends. */
  public static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE / 2_000_000_000);

  private static final Logger LOG = LoggerFactory.getLogger(Brokers.class);
  private static final int TRY_MILLIS = 2_000;

  private Brokers() {}

  /**
   * Waits until a broker answers; says every five seconds that it waits.
   *
   * @throws IllegalStateException when none has after {@code patience}, saying what to do
   */
  public static void await(GatewaySettings settings, Duration patience) {
    long begin = System.nanoTime();
    var nag = new Nag(LOG);
    String why = tryOnce(settings);
    while (why != null) {
      if (System.nanoTime() - begin >= patience.toNanos()) {
        throw new IllegalStateException(
            "No Kafka broker answered at "
                + settings.bootstrap()
                + " within "
                + patience.toSeconds()
                + " s ("
                + why
                + "): start one with `hrm broker`, or name another by"
                + " --bootstrap, hrm.kafka.bootstrap or HRM_KAFKA_BOOTSTRAP.");
      }
      nag.warn("Waiting for a Kafka broker at {}: {}", settings.bootstrap(), why);
      why = tryOnce(settings);
    }
  }

  /** Null when a broker answered. */
  private static String tryOnce(GatewaySettings settings) {
    long begin = System.nanoTime();
    String why;
    try (Admin admin = Admin.create(KafkaProps.admin(settings))) {
      admin
          .describeCluster(new DescribeClusterOptions().timeoutMs(TRY_MILLIS))
          .nodes()
          .get(TRY_MILLIS, TimeUnit.MILLISECONDS);
      return null;
    } catch (ExecutionException e) {
      why = Nag.line(e.getCause());
    } catch (TimeoutException e) {
      why = "no answer";
    } catch (KafkaException e) {
      why = Nag.line(e); // a name that does not resolve yet, among others
    } catch (InterruptedException e) {
      throw new org.apache.kafka.common.errors.InterruptException(e);
    }
    pauseUntil(begin + TimeUnit.MILLISECONDS.toNanos(TRY_MILLIS / 2));
    return why;
  }

  private static void pauseUntil(long nanoTime) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanoTime - System.nanoTime());
    } catch (InterruptedException e) {
      throw new org.apache.kafka.common.errors.InterruptException(e);
    }
  }
}
