package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.Model;
import hrm.proto.HaltReason;
import hrm.proto.PuzzleJob;
import hrm.proto.TraceChoice;
import hrm.proto.TraceEvent;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TracingTest {
  private static final Model MODEL = TestModels.tiny();

  private final List<TraceEvent> events = new ArrayList<>();

  private Tracing tracing(TraceTap tap, String... settings) {
    return new Tracing(tap, TestModels.settings(settings), "here", InstantSource.system());
  }

  private static PuzzleJob job(String id, TraceChoice choice) {
    PuzzleJob.Builder job = TestModels.job(MODEL, 1, 1).toBuilder().setId(id);
    job.getOptionsBuilder().setTrace(choice);
    return job.build();
  }

  private static void run(JobTrace trace, int segments) {
    Task task = TestModels.task(MODEL, TestModels.job(MODEL, 1, 1));
    trace.admitted(task, 0, 0);
    for (int i = 1; i <= segments; i++) {
      trace.segment(task, i, 0, 0, task.tokens(), false);
    }
    trace.halted(HaltReason.HALTED_MAX_STEPS, segments, false);
  }

  @Test
  void events_areNumberedFromZero() {
    run(tracing(events::add).open(job("a", TraceChoice.TRACE_ON), 3), 2);
    assertEquals(List.of(0, 1, 2, 3), events.stream().map(TraceEvent::getSequence).toList());
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
    run(tracing.open(job("a", TraceChoice.TRACE_ON), 1), 3);
    assertEquals(5, tracing.dropped());
  }

  @Test
  void cap_isKeptAndTheHaltingStillTold() {
    Tracing tracing = tracing(events::add, "trace.max-events-per-job = 4");
    run(tracing.open(job("a", TraceChoice.TRACE_ON), 1), 9);
    assertEquals(4, events.size());
    assertTrue(events.get(3).hasHalted());
    assertEquals(7, tracing.dropped());
  }

  @Test
  void jobsChoice_winsOverSampling() {
    Tracing never = tracing(events::add, "trace.sample = 0");
    Tracing always = tracing(events::add, "trace.sample = 1");
    assertTrue(never.open(job("a", TraceChoice.TRACE_ON), 1).on());
    assertFalse(never.open(job("a", TraceChoice.TRACE_UNSET), 1).on());
    assertFalse(always.open(job("a", TraceChoice.TRACE_OFF), 1).on());
    assertTrue(always.open(job("a", TraceChoice.TRACE_UNSET), 1).on());
  }

  @Test
  void sampling_takesItsShareAndTheSameJobsEverywhere() {
    Tracing here = tracing(events::add, "trace.sample = 0.25");
    Tracing there = tracing(events::add, "trace.sample = 0.25");
    long sampled =
        IntStream.range(0, 10_000)
            .mapToObj(i -> job("hrm.jobs.v1-0-" + i, TraceChoice.TRACE_UNSET))
            .peek(job -> assertEquals(here.open(job, 1).on(), there.open(job, 2).on()))
            .filter(job -> here.open(job, 1).on())
            .count();
    assertTrue(Math.abs(sampled - 2500) < 250, sampled + " of 10000");
  }

  @Test
  void notSampled_recordsNothing() {
    run(tracing(events::add).open(job("a", TraceChoice.TRACE_OFF), 1), 3);
    assertEquals(List.of(), events);
  }
}
