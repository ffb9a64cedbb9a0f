package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.Model;
import hrm.proto.Admitted;
import hrm.proto.HaltReason;
import hrm.proto.PuzzleJob;
import hrm.proto.Segment;
import hrm.proto.TraceChoice;
import hrm.proto.TraceEvent;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TracingTest {
  private static final Model MODEL = TestModels.tiny();

  private final List<TraceEvent> events = new ArrayList<>();

  private Tracing tracing(TraceTap tap, String... settings) {
    return new Tracing(
        tap, TestModels.settings(settings), "here", InstantSource.system(), new Meters());
  }

  private static PuzzleJob job(String id, TraceChoice choice) {
    PuzzleJob.Builder job = TestModels.job(MODEL, 1, 1).toBuilder().setId(id);
    job.getOptionsBuilder().setTrace(choice);
    return job.build();
  }

  /** Admitted, so many segments, halted. */
  private static void run(JobTrace trace, int segments) {
    if (!trace.on()) {
      return;
    }
    trace.insist(TraceEvent.newBuilder().setAdmitted(Admitted.getDefaultInstance()));
    for (int i = 1; i <= segments; i++) {
      int segment = i;
      trace.record(
          () -> TraceEvent.newBuilder().setSegment(Segment.newBuilder().setSegment(segment)));
    }
    trace.insist(JobEvents.halted(HaltReason.HALTED_MAX_STEPS, segments, false));
  }

  @Test
  void events_areNumberedFromZeroAndFollowEachOther() {
    run(tracing(events::add).open(job("a", TraceChoice.TRACE_ON), 3, 0), 2);
    assertEquals(List.of(0, 1, 2, 3), events.stream().map(TraceEvent::getSequence).toList());
    assertFalse(events.get(0).hasCause());
    assertEquals(List.of(0, 1, 2), events.stream().skip(1).map(TraceEvent::getCause).toList());
    assertEquals("a", events.get(0).getJobId());
    assertEquals(3, events.get(0).getAttempt());
    assertEquals("here", events.get(0).getNode());
  }

  @Test
  void tapThatThrows_isCountedAndNeverFelt() {
    Tracing tracing =
        tracing(
            event -> {
              throw new IllegalStateException("full");
            });
    run(tracing.open(job("a", TraceChoice.TRACE_ON), 1, 0), 3);
    assertEquals(5, tracing.dropped());
  }

  @Test
  void tapThatIsFull_isToldByTheNextEvent() {
    AtomicInteger calls = new AtomicInteger();
    Tracing tracing = tracing(event -> calls.incrementAndGet() % 3 == 0 && events.add(event));
    run(tracing.open(job("a", TraceChoice.TRACE_ON), 1, 0), 4);
    assertEquals(4, tracing.dropped());
    assertEquals(List.of(2L, 2L), events.stream().map(TraceEvent::getDropped).toList());
    assertEquals(List.of(2, 5), events.stream().map(TraceEvent::getSequence).toList());
  }

  @Test
  void cap_isKeptAndTheHaltingStillTold() {
    Tracing tracing = tracing(events::add, "trace.max-events-per-job = 4");
    run(tracing.open(job("a", TraceChoice.TRACE_ON), 1, 0), 9);
    assertEquals(5, events.size());
    assertTrue(events.get(4).hasHalted());
    assertEquals(10, events.get(4).getSequence());
    assertEquals(6, events.get(4).getDropped());
    assertEquals(6, tracing.dropped());
  }

  @Test
  void rate_isKeptOverAllJobsAndTheirEndsStillTold() {
    Tracing tracing = tracing(events::add, "trace.max-events-per-second = 20");
    for (int i = 0; i < 10; i++) {
      run(tracing.open(job("job-" + i, TraceChoice.TRACE_ON), 1, 0), 10);
    }
    assertEquals(10, events.stream().filter(TraceEvent::hasAdmitted).count());
    assertEquals(10, events.stream().filter(TraceEvent::hasHalted).count());
    assertTrue(events.size() < 60, events.size() + " events");
    assertEquals(120 - events.size(), tracing.dropped());
    assertEquals(tracing.dropped(), events.stream().mapToLong(TraceEvent::getDropped).sum());
  }

  @Test
  void bucket_fillsWithTimeToItsBrim() {
    long second = 1_000_000_000;
    TokenBucket bucket = new TokenBucket(10, 5);
    assertEquals(10, IntStream.range(0, 99).filter(i -> bucket.take(5)).count());
    assertEquals(3, IntStream.range(0, 99).filter(i -> bucket.take(5 + second * 3 / 10)).count());
    assertEquals(10, IntStream.range(0, 99).filter(i -> bucket.take(5 + second * 60)).count());
    bucket.overdraw(5 + second * 60);
    assertFalse(bucket.take(5 + second * 60 + second / 10));
    assertTrue(bucket.take(5 + second * 60 + second / 5));
  }

  @Test
  void clock_goesBeyondWhatItHears() {
    JobTrace trace = tracing(events::add).open(job("a", TraceChoice.TRACE_ON), 1, 0);
    trace.heard(41);
    trace.record(TraceEvent::newBuilder);
    trace.overheard(7);
    trace.record(TraceEvent::newBuilder);
    assertEquals(List.of(42, 43), events.stream().map(TraceEvent::getSequence).toList());
    assertEquals(List.of(41, 42), events.stream().map(TraceEvent::getCause).toList());
  }

  @Test
  void jobsChoice_winsOverSampling() {
    Tracing never = tracing(events::add, "trace.sample = 0");
    Tracing always = tracing(events::add, "trace.sample = 1");
    assertTrue(never.open(job("a", TraceChoice.TRACE_ON), 1, 0).on());
    assertFalse(never.open(job("a", TraceChoice.TRACE_UNSET), 1, 0).on());
    assertFalse(always.open(job("a", TraceChoice.TRACE_OFF), 1, 0).on());
    assertTrue(always.open(job("a", TraceChoice.TRACE_UNSET), 1, 0).on());
  }

  @Test
  void sampling_takesItsShareAndTheSameJobsEverywhere() {
    Tracing here = tracing(events::add, "trace.sample = 0.25");
    Tracing there = tracing(events::add, "trace.sample = 0.25");
    long sampled =
        IntStream.range(0, 10_000)
            .mapToObj(i -> job("hrm.jobs.v1-0-" + i, TraceChoice.TRACE_UNSET))
            .peek(job -> assertEquals(here.open(job, 1, 0).on(), there.open(job, 2, 0).on()))
            .filter(job -> here.open(job, 1, 0).on())
            .count();
    assertTrue(Math.abs(sampled - 2500) < 250, sampled + " of 10000");
  }

  @Test
  void notSampled_recordsNothing() {
    run(tracing(events::add).open(job("a", TraceChoice.TRACE_OFF), 1, 0), 3);
    assertEquals(List.of(), events);
  }
}
