package hrm.actors;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import hrm.model.HaltingPolicy;
import hrm.model.Model;
import hrm.model.io.DType;
import java.time.Duration;

/** {@code hrm.actors} of the configuration; every key is explained in reference.conf. */
public record ActorsSettings(
    int lanes,
    int maxLanes,
    int slotsPerLane,
    int workers,
    int prefetch,
    int waiting,
    int maxHandovers,
    int maxSegments,
    int checkpointEvery,
    DType wireDtype,
    HaltingPolicy halting,
    Duration thinkTimeout,
    Duration pulse,
    Duration silence,
    Duration answerTimeout,
    Duration restartDelay,
    double traceSample,
    int traceMaxEventsPerJob,
    int traceMaxEventsPerSecond) {

  /** Bytes of a frame that are not states, generously. */
  private static final int FRAME_RESERVE = 64 * 1024;

  /**
   * Messages about each job that may wait at once: how far it is, its answer, and some to spare.
   */
  private static final int BURSTS = 3;

  /** Gives each planner and each worker a thread of its own. */
  static final String NUMERICS_DISPATCHER = "hrm.actors.numerics-dispatcher";

  /**
   * @throws IllegalArgumentException naming the key, its value and what is allowed
   */
  public ActorsSettings {
    between("lanes", lanes, 1, 64);
    between("max-lanes", maxLanes, lanes, 64);
    between("slots-per-lane", slotsPerLane, 1, 4096);
    between("workers", workers, 1, 64);
    between("prefetch", prefetch, 0, slotsPerLane);
    between("waiting", waiting, 0, 100_000);
    between("max-handovers", maxHandovers, 0, 1000);
    between("max-segments", maxSegments, 1, 1_000_000);
    between("checkpoint-every", checkpointEvery, 0, 1_000_000);
    between("think-timeout", thinkTimeout, Duration.ofMillis(10), Duration.ofHours(1));
    between("pulse", pulse, Duration.ofMillis(10), Duration.ofMinutes(1));
    between("silence", silence, pulse.multipliedBy(2), Duration.ofHours(1));
    between("answer-timeout", answerTimeout, Duration.ofSeconds(1), Duration.ofDays(30));
    between("restart-delay", restartDelay, Duration.ofMillis(10), Duration.ofHours(1));
    require("trace.sample", traceSample, traceSample >= 0 && traceSample <= 1, "from 0 to 1");
    between("trace.max-events-per-job", traceMaxEventsPerJob, 1, 1_000_000);
    between("trace.max-events-per-second", traceMaxEventsPerSecond, 1, 10_000_000);
  }

  /**
   * @param root the configuration of the actor system
   */
  public static ActorsSettings of(Config root) {
    Config config = root.getConfig("hrm.actors");
    try {
      return new ActorsSettings(
          config.getInt("lanes"),
          config.getInt("max-lanes"),
          config.getInt("slots-per-lane"),
          config.getInt("workers"),
          config.getInt("prefetch"),
          config.getInt("waiting"),
          config.getInt("max-handovers"),
          config.getInt("max-segments"),
          config.getInt("checkpoint-every"),
          dtype(config.getString("wire-dtype")),
          policy(config.getString("halting")),
          config.getDuration("think-timeout"),
          config.getDuration("pulse"),
          config.getDuration("silence"),
          config.getDuration("answer-timeout"),
          config.getDuration("restart-delay"),
          config.getDouble("trace.sample"),
          config.getInt("trace.max-events-per-job"),
          config.getInt("trace.max-events-per-second"));
    } catch (ConfigException.WrongType | ConfigException.BadValue e) {
      throw new IllegalArgumentException("hrm.actors: " + e.getMessage(), e);
    }
  }

  /** Jobs that one planner is willing to hold: every slot, and those that refill them. */
  int places(int lanes) {
    return lanes * slotsPerLane + prefetch;
  }

  /** How many lanes a planner with so many workers has. */
  int lanes(int workers) {
    return Math.max(lanes, Math.min(maxLanes, workers + 1));
  }

  /**
   * Whether all that a planner and a gateway may have to tell each other at once can wait to be
   * sent: a lane's jobs end together, and what a full queue drops is computed again.
   *
   * @param workersHere whether planners have workers of their own node, and so as many lanes
   * @param queue messages, akka.remote.artery.advanced.outbound-large-message-queue-size
   * @throws IllegalArgumentException naming both settings
   */
  public void checkQueue(int models, boolean workersHere, int queue) {
    int places = places(workersHere ? lanes(workers) : maxLanes);
    long wanted = (long) BURSTS * places * models;
    if (queue < wanted) {
      throw new IllegalArgumentException(
          "akka.remote.artery.advanced.outbound-large-message-queue-size is %d, but planners of %d models hold %d jobs each (hrm.actors.slots-per-lane is %d), so that it must be at least %d; raise it on every node (HRM_LARGE_QUEUE_SIZE), or lower hrm.actors.slots-per-lane"
              .formatted(queue, models, places, slotsPerLane, wanted));
    }
  }

  /**
   * Whether a lane's states fit a frame between nodes.
   *
   * @param frame bytes, akka.remote.artery.advanced.maximum-large-frame-size
   * @throws IllegalArgumentException naming the settings and the rows that fit
   */
  public void checkFrames(Model model, long frame) {
    if (!fits(model, frame)) {
      throw new IllegalArgumentException(
          "hrm.actors.slots-per-lane is %d, but a frame between nodes holds %d rows of model %s; lower it, use hrm.actors.wire-dtype = bfloat16, or raise akka.remote.artery.advanced.maximum-large-frame-size (now %d bytes) on every node"
              .formatted(slotsPerLane, rows(model, frame), model.name(), frame));
    }
  }

  /**
   * Whether a full lane fits a frame between nodes.
   *
   * @param root the configuration of the actor system
   */
  boolean fits(Model model, Config root) {
    return fits(model, root.getBytes("akka.remote.artery.advanced.maximum-large-frame-size"));
  }

  private boolean fits(Model model, long frame) {
    return slotsPerLane <= rows(model, frame);
  }

  private long rows(Model model, long frame) {
    long row = 2L * model.config().sequence() * model.config().hiddenSize() * wireDtype.bytes();
    return (frame - FRAME_RESERVE) / row;
  }

  private static DType dtype(String name) {
    return switch (name) {
      case "float32" -> DType.F32;
      case "bfloat16" -> DType.BF16;
      default -> throw wrong("wire-dtype", name, "float32 or bfloat16");
    };
  }

  private static HaltingPolicy policy(String name) {
    return HaltingPolicy.named(name)
        .orElseThrow(() -> wrong("halting", name, "max-steps, q-head or verified"));
  }

  private static <T extends Comparable<T>> void between(String key, T value, T low, T high) {
    require(
        key,
        value,
        value.compareTo(low) >= 0 && value.compareTo(high) <= 0,
        "from %s to %s".formatted(low, high));
  }

  private static void require(String key, Object value, boolean right, String allowed) {
    if (!right) {
      throw wrong(key, value, allowed);
    }
  }

  private static IllegalArgumentException wrong(String key, Object value, String allowed) {
    return new IllegalArgumentException(
        "hrm.actors.%s = %s: must be %s".formatted(key, value, allowed));
  }
}
