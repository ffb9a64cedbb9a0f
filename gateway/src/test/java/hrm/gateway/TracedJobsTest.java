package hrm.gateway;

import static hrm.gateway.EventSamples.admitted;
import static hrm.gateway.EventSamples.event;
import static hrm.gateway.EventSamples.halted;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.proto.Segment;
import hrm.proto.TraceEvent;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Jobs whose events come in another order than they happened, or of two runs. */
final class TracedJobsTest {
  private static final TraceIndexSettings SETTINGS = new TraceIndexSettings(1 << 20, 1000, 5000);

  /** As at a start: a partition is read to its end, then the next. */
  @Test
  void age_isThatOfTheEvents_notOfTheirReading() {
    TracedJobs all = new TracedJobs(SETTINGS);
    readTwoPartitions(all);
    assertEquals(List.of("t4", "t3", "t2", "t1"), ids(all));
    TracedJobs few = new TracedJobs(new TraceIndexSettings(1 << 20, 2, 100));
    readTwoPartitions(few);
    assertEquals(List.of("t4", "t3"), ids(few));
    assertEquals(2, few.stats(false, 0).forgotten());
  }

  private static void readTwoPartitions(TracedJobs jobs) {
    jobs.read(event("t1", 1).build(), 0, 0);
    jobs.read(event("t3", 3).build(), 0, 1);
    jobs.read(event("t2", 2).build(), 1, 0);
    jobs.read(event("t4", 4).build(), 1, 1);
  }

  private static List<String> ids(TracedJobs jobs) {
    return jobs.newest(9).stream().map(JobSummary::id).toList();
  }

  @Test
  void jobThatStillThinks_isNotForgottenBeforeOneThatIsDone() {
    TracedJobs few = new TracedJobs(new TraceIndexSettings(1 << 20, 2, 100));
    few.read(event("long", 1).build(), 0, 0);
    few.read(event("short", 2).build(), 0, 1);
    few.read(event("long", 3).build(), 0, 2);
    few.read(event("next", 4).build(), 0, 3);
    assertEquals(List.of("next", "long"), ids(few));
    few.read(event("short", 2).setCause(1).build(), 0, 4);
    assertEquals(List.of("next", "long"), ids(few));
    assertEquals(
        1, few.stats(false, 0).forgotten(), "each job once, whatever is heard of it later");
  }

  /** A gateway gave the attempt back: another runs it again, while the first run goes on. */
  @Test
  void runGivenBack_doesNotSpeakForTheOneThatCounts() {
    TracedJobs jobs = new TracedJobs(SETTINGS);
    jobs.read(admitted("a", 1).setRun(7).build(), 0, 0);
    jobs.read(admitted("a", 2).setRun(7).setHand(2).build(), 0, 1);
    jobs.read(admitted("a", 4).setRun(8).setNode("akka://hrm@c:1").build(), 0, 2);
    jobs.read(halted("a", 5).setRun(7).setHand(2).build(), 0, 3);
    JobSummary job = jobs.job("a").orElseThrow();
    assertEquals(JobSummary.State.RUNNING, job.state());
    assertEquals("akka://hrm@c:1", job.node());
    assertEquals(0, job.handovers());
    jobs.read(segment("a", 6, 1, false).setRun(8).build(), 0, 4);
    jobs.read(segment("a", 7, 9, true).setRun(7).build(), 0, 5);
    assertEquals(1, jobs.job("a").orElseThrow().segments());
    jobs.read(halted("a", 8).setRun(8).build(), 0, 6);
    jobs.read(segment("a", 9, 9, false).setRun(7).setHand(2).build(), 0, 7);
    jobs.read(event("a", 10).build(), 0, 8); // whoever names no run speaks of the one that counts
    job = jobs.job("a").orElseThrow();
    assertEquals(JobSummary.State.HALTED, job.state());
    assertTrue(job.solved());
    assertEquals(3, job.segments());
    assertEquals(9, job.events());
  }

  private static TraceEvent.Builder segment(String id, int at, int segment, boolean solved) {
    return event(id, at)
        .setHand(1)
        .setSegment(Segment.newBuilder().setSegment(segment).setSolved(solved));
  }
}
