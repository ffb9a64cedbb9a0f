package hrm.gateway;

import com.google.protobuf.Timestamp;
import hrm.proto.HaltReason;
import hrm.proto.TraceEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * A job as the latest run's trace events tell of it, whatever they say and in whatever order they
 * come.
 */
final class TracedJob {
  private static final int LONGEST_NAME = 256;

  /** Of this object, its places in three collections and its empty set. */
  private static final int OWN_BYTES = 480;

  /** Of an attempt, as many as are told apart. */
  private static final int MOST_RUNS = 16;

  /** Seconds since 1970 that fit into 64 bits as nanoseconds. */
  private static final long LAST_SECOND = 9_000_000_000L;

  final String id;
  final int partition;
  final Positions positions = new Positions();
  private final int maxPositions;
  private String model = "";
  private String puzzle = "";
  private String node = "";
  private int attempt = Integer.MIN_VALUE;
  private long run;
  private long runBegan;
  private final Set<Long> earlierRuns = new HashSet<>(); // of the attempt
  private int hand;
  private int segments;
  private boolean solved;
  private boolean halted;
  private HaltReason reason = HaltReason.HALTED_UNSET;
  private long first = Long.MAX_VALUE;
  private long last = Long.MIN_VALUE;
  private long ended;
  private long events;
  private long dropped;

  TracedJob(String id, int partition, int maxPositions) {
    this.id = id;
    this.partition = partition;
    this.maxPositions = maxPositions;
  }

  /**
   * @param partition where it stands; one elsewhere than the others is told of, but not found again
   */
  void read(TraceEvent event, int partition, long offset) {
    if (partition == this.partition && positions.size() < maxPositions) {
      positions.add(offset);
    }
    events++;
    dropped += Math.max(0, event.getDropped());
    long at = nanos(event.getAt());
    first = Math.min(first, at);
    last = Math.max(last, at);
    if (event.getAttempt() > attempt) {
      earlierRuns.clear();
      begin(event, at);
    }
    if (event.getAttempt() < attempt || !isOfLatestRun(event, at)) {
      return; // what nobody waits for any more
    }
    if (event.getHand() != 0 && event.getHand() < hand) {
      return; // what an earlier planner still says
    }
    if (event.getHand() > hand) {
      hand = event.getHand();
      halted = false;
    }
    switch (event.getEventCase()) {
      case ADMITTED -> {
        model = name(event.getAdmitted().getModel());
        puzzle = name(event.getAdmitted().getKind());
        node = name(event.getNode());
        segments = event.getAdmitted().getResumedSegments();
      }
      case SEGMENT -> {
        segments = Math.max(segments, event.getSegment().getSegment());
        solved = event.getSegment().getSolved();
      }
      case HALTED -> {
        halted = true;
        reason = event.getHalted().getReason();
        segments = event.getHalted().getSegments();
        solved = event.getHalted().getSolved();
        ended = at;
      }
      default -> {}
    }
  }

  /** Of two runs that one counts which began later. An event that names none is of that one. */
  private boolean isOfLatestRun(TraceEvent event, long at) {
    long own = event.getRun();
    if (own != 0 && own != run && run != 0) {
      boolean known = earlierRuns.contains(own) || earlierRuns.size() == MOST_RUNS;
      if (known || at <= runBegan) {
        remember(own);
        return false;
      }
      remember(run);
      begin(event, at);
    }
    run = own == 0 ? run : own;
    runBegan = Math.min(runBegan, at);
    return true;
  }

  private void remember(long earlier) {
    if (earlierRuns.size() < MOST_RUNS) {
      earlierRuns.add(earlier);
    }
  }

  private void begin(TraceEvent event, long at) {
    attempt = event.getAttempt();
    run = event.getRun();
    runBegan = at;
    node = name(event.getNode());
    hand = 0;
    segments = 0;
    solved = false;
    halted = false;
  }

  /** Time of its earliest event. */
  long begun() {
    return first;
  }

  /** Time of its latest event. */
  long last() {
    return last;
  }

  /** Whether there are more events than can be found again. */
  boolean truncated() {
    return positions.size() < events;
  }

  /** Of heap, as reckoned: two bytes a character, though most take one. */
  long bytes() {
    int letters = 2 * id.length() + model.length() + puzzle.length() + node.length();
    return OWN_BYTES + 4 * 40 + 2L * letters + 60L * earlierRuns.size() + positions.bytes();
  }

  JobSummary summary() {
    Instant started = instant(first);
    return new JobSummary(
        id,
        halted ? JobSummary.State.HALTED : JobSummary.State.RUNNING,
        model,
        puzzle,
        node,
        attempt,
        segments,
        halted && solved,
        halted ? reason : HaltReason.HALTED_UNSET,
        started,
        halted ? Optional.of(instant(ended)) : Optional.empty(),
        Duration.ofNanos(Math.max(0, (halted ? ended : last) - first)),
        events,
        dropped,
        Math.max(0, hand - 1));
  }

  private static String name(String text) {
    return text.length() <= LONGEST_NAME ? text : text.substring(0, LONGEST_NAME);
  }

  private static long nanos(Timestamp at) {
    long second = Math.max(0, Math.min(LAST_SECOND, at.getSeconds()));
    return second * 1_000_000_000 + Math.max(0, Math.min(999_999_999, at.getNanos()));
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(0, nanos);
  }
}
