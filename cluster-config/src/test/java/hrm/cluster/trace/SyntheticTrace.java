package hrm.cluster.trace;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import hrm.gateway.JobSummary;
import hrm.gateway.TraceIndex;
import hrm.proto.Admitted;
import hrm.proto.Cycle;
import hrm.proto.HaltReason;
import hrm.proto.Halted;
import hrm.proto.Message;
import hrm.proto.Message.Step;
import hrm.proto.Segment;
import hrm.proto.Tensor;
import hrm.proto.Times;
import hrm.proto.TraceEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A trace made up by hand: a 4x4 Sudoku, planner on one node and worker on another. */
public final class SyntheticTrace {
  public static final String PUZZLE = "12.4341.2143432.";
  public static final String SOLUTION = "1234341221434321";
  public static final String PLANNER = "akka://hrm@h:1/user/crew-m/planner";
  public static final String WORKER = "akka://hrm@h:2/user/crew-m/worker-1";
  public static final String GATEWAY = "akka://hrm@h:1/user/dispatcher";
  private static final String HERE = "akka://hrm@h:1";
  private static final String THERE = "akka://hrm@h:2";
  private static final Instant START = Instant.parse("2026-11-25T10:00:00Z");

  private final List<TraceEvent> events = new ArrayList<>();
  private final String job;
  private final int attempt;
  private final String puzzle;
  private int hand = 1;
  private long run = 0;
  private String host = "h";
  private int late = 0; // nanoseconds
  private int clock = 0;

  public SyntheticTrace(String job, int attempt, String puzzle) {
    this.job = job;
    this.attempt = attempt;
    this.puzzle = puzzle;
  }

  /** Two segments of two cycles; the last board is the solution. */
  public static SyntheticTrace solved(String job) {
    return solved(new SyntheticTrace(job, 1, PUZZLE));
  }

  /** Likewise, of a trace that is empty. */
  public static SyntheticTrace solved(SyntheticTrace trace) {
    trace.begin("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    trace.cycle(1, 1, "1214341221434321", 9);
    trace.cycle(1, 2, "1234341221434324", 4);
    trace.segment(1, false);
    trace.cycle(2, 1, SOLUTION, 1);
    trace.cycle(2, 2, SOLUTION, 0.2f);
    trace.segment(2, true);
    trace.halted(2, true);
    return trace;
  }

  /** It is this run of its attempt, on another host, and begins so much later. */
  public SyntheticTrace run(long run, String host, int late) {
    this.run = run;
    this.host = host;
    this.late = late;
    return this;
  }

  public List<TraceEvent> events() {
    return List.copyOf(events);
  }

  public SyntheticTrace begin(String traceparent) {
    message("Submit", "0.0", GATEWAY, GATEWAY, 0, 0, HERE, HERE, 0, 0);
    message("Admit", "0.2", GATEWAY, PLANNER, 0, 0, HERE, HERE, 0, 1);
    add(
        HERE,
        hand,
        TraceEvent.newBuilder()
            .setAdmitted(
                Admitted.newBuilder().setModel("m").setPuzzle(puzzle).setTraceparent(traceparent)));
    return this;
  }

  /** From now on another planner thinks. */
  public SyntheticTrace handover() {
    hand++;
    clock = 4;
    message("Admit", "0." + clock, GATEWAY, PLANNER, 0, 0, HERE, HERE, 0, hand);
    return this;
  }

  public void message(
      String type,
      String id,
      String from,
      String to,
      int segment,
      int cycle,
      String fromNode,
      String toNode,
      int sentHand,
      int receivedHand) {
    Message.Builder message =
        Message.newBuilder()
            .setType(type)
            .setId(id)
            .setSender(from)
            .setReceiver(to)
            .setSegment(segment)
            .setCycle(cycle);
    boolean tensors = type.equals("Think");
    add(
        fromNode,
        sentHand,
        TraceEvent.newBuilder()
            .setMessage(
                message
                    .clone()
                    .setStep(Step.SENT)
                    .addAllTensors(tensors ? List.of(tensor()) : List.of())));
    add(
        toNode,
        receivedHand,
        TraceEvent.newBuilder()
            .setMessage(
                message
                    .clone()
                    .setStep(Step.RECEIVED)
                    .setBytes(2048)
                    .setTimes(
                        Times.newBuilder()
                            .setMailboxNanos(1_000)
                            .setComputeNanos(5_000)
                            .setNetworkNanos(type.equals("Thought") ? 7_000 : 0))));
  }

  private static Tensor tensor() {
    return Tensor.newBuilder()
        .setName("zL")
        .addShape(16)
        .addShape(4)
        .setDtype("float32")
        .setNorm(8)
        .setHash(0xfeedface00000001L)
        .build();
  }

  public SyntheticTrace cycle(int segment, int cycle, String board, float zH) {
    String id = hand + "." + clock;
    message("Think", id, PLANNER, WORKER, segment, cycle, HERE, THERE, hand, hand);
    message("Thought", id + "a", WORKER, PLANNER, segment, cycle, THERE, HERE, hand, hand);
    add(
        HERE,
        hand,
        TraceEvent.newBuilder()
            .setCycle(
                Cycle.newBuilder()
                    .setSegment(segment)
                    .setCycle(cycle)
                    .setWorker(WORKER)
                    .addZLResiduals(3)
                    .addZLResiduals(0.5f)
                    .setZHResidual(zH)
                    .setWorkerNanos(5_000)
                    .setPlannerNanos(2_000)
                    .setBoard(board)
                    .setConfidence(ByteString.copyFrom(new byte[] {(byte) 255, 127, 0}))));
    return this;
  }

  public SyntheticTrace segment(int segment, boolean solved) {
    add(
        HERE,
        hand,
        TraceEvent.newBuilder()
            .setSegment(
                Segment.newBuilder()
                    .setSegment(segment)
                    .setQHalt(-1)
                    .setQContinue(0.5f)
                    .setSolved(solved)));
    return this;
  }

  public SyntheticTrace halted(int segments, boolean solved) {
    add(
        HERE,
        hand,
        TraceEvent.newBuilder()
            .setHalted(
                Halted.newBuilder()
                    .setReason(solved ? HaltReason.HALTED_VERIFIED : HaltReason.HALTED_MAX_STEPS)
                    .setSegments(segments)
                    .setSolved(solved)));
    message("Finished", hand + "." + clock, PLANNER, GATEWAY, 0, 0, HERE, HERE, hand, 0);
    return this;
  }

  public TraceEvent.Builder add(String node, int hand, TraceEvent.Builder event) {
    event
        .setJobId(job)
        .setAttempt(attempt)
        .setHand(hand)
        .setSequence(clock)
        .setNode(node.replace("@h:", "@" + host + ":"))
        .setRun(run)
        .setAt(
            Timestamp.newBuilder()
                .setSeconds(START.getEpochSecond())
                .setNanos(late + 10_000 * (events.size() + 1)));
    if (clock > 0) {
      event.setCause(clock - 1);
    }
    clock++;
    events.add(event.build());
    return event;
  }

  /** As the index would say it. */
  public static JobSummary summary(String id, JobSummary.State state, int attempt) {
    boolean halted = state == JobSummary.State.HALTED;
    return new JobSummary(
        id,
        state,
        "m",
        "sudoku-4x4",
        HERE,
        attempt,
        2,
        halted,
        halted ? HaltReason.HALTED_VERIFIED : HaltReason.HALTED_UNSET,
        START,
        halted ? Optional.of(START.plusMillis(3)) : Optional.empty(),
        Duration.ofMillis(3),
        31,
        0,
        0);
  }

  public static TraceView view(List<TraceEvent> events) {
    return TraceView.of(
        summary(events.isEmpty() ? "none" : events.get(0).getJobId(), JobSummary.State.HALTED, 1),
        events,
        0,
        false);
  }

  /** Traces from memory. */
  public static final class Memory implements Traces {
    public final java.util.Map<String, List<TraceEvent>> events =
        new java.util.concurrent.ConcurrentSkipListMap<>();
    public final java.util.Map<String, JobSummary> jobs =
        new java.util.concurrent.ConcurrentSkipListMap<>();
    public final List<TraceIndex.Listener> listeners =
        new java.util.concurrent.CopyOnWriteArrayList<>();

    public Memory put(String id, List<TraceEvent> own, JobSummary.State state) {
      events.put(id, own);
      jobs.put(id, summary(id, state, 1));
      listeners.forEach(listener -> listener.changed(jobs.get(id)));
      return this;
    }

    @Override
    public List<JobSummary> jobs(int limit) {
      return jobs.values().stream().limit(limit).toList();
    }

    @Override
    public Optional<JobSummary> job(String id) {
      return Optional.ofNullable(jobs.get(id));
    }

    @Override
    public TraceIndex.Events events(String id, int max) {
      List<TraceEvent> own = events.getOrDefault(id, List.of());
      return new TraceIndex.Events(own.subList(0, Math.min(max, own.size())), own.size() > max, 0);
    }

    @Override
    public void addListener(TraceIndex.Listener listener) {
      listeners.add(listener);
    }

    @Override
    public void removeListener(TraceIndex.Listener listener) {
      listeners.remove(listener);
    }

    @Override
    public TraceIndex.Stats stats() {
      return new TraceIndex.Stats(false, jobs.size(), 100, 1, 2, 3, 4_000);
    }
  }
}
