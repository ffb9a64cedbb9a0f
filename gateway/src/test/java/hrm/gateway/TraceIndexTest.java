package hrm.gateway;

import static hrm.gateway.EventSamples.admitted;
import static hrm.gateway.EventSamples.event;
import static hrm.gateway.EventSamples.halted;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import hrm.proto.HaltReason;
import hrm.proto.Message;
import hrm.proto.Segment;
import hrm.proto.TraceEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class TraceIndexTest {
  private static final TraceIndexSettings SETTINGS = new TraceIndexSettings(1 << 20, 1000, 5000);

  private static final Duration LONGEST = Duration.ofSeconds(20);

  private final TraceTopic topic = new TraceTopic(2);
  private final BlockingQueue<JobSummary> changes = new LinkedBlockingQueue<>();

  private TraceIndex index(TraceIndexSettings settings) {
    return new TraceIndex(TraceTopic.NAME, settings, "n", topic::consumer, topic::consumer);
  }

  private static void awaitRead(TraceIndex index) {
    await(() -> !index.stats().indexing(), () -> "the topic has not been read: " + index.stats());
  }

  private static void await(BooleanSupplier condition, Supplier<String> otherwise) {
    long deadline = System.nanoTime() + LONGEST.toNanos();
    while (!condition.getAsBoolean()) {
      assertTrue(System.nanoTime() - deadline < 0, otherwise);
      LockSupport.parkNanos(5_000_000);
    }
  }

  @Test
  void job_isSummedUpFromItsEvents() {
    topic.add(1, event("a", 0).setMessage(Message.getDefaultInstance()).build());
    topic.add(1, admitted("a", 2).build());
    topic.add(1, event("a", 5).setHand(1).setDropped(4).setSegment(Segment.newBuilder()).build());
    topic.add(1, halted("a", 9).setDropped(2).build());
    try (var index = index(SETTINGS)) {
      awaitRead(index);
      JobSummary job = index.job("a").orElseThrow();
      assertEquals(
          new JobSummary(
              "a",
              JobSummary.State.HALTED,
              "m",
              "sudoku-4x4",
              "akka://hrm@b:1",
              1,
              3,
              true,
              HaltReason.HALTED_VERIFIED,
              Instant.ofEpochSecond(1000),
              java.util.Optional.of(Instant.ofEpochSecond(1009)),
              Duration.ofSeconds(9),
              4,
              6,
              0),
          job);
      assertEquals(6, index.stats().dropped());
    }
  }

  @Test
  void laterAttempt_beginsAgain_andAnEarlierOneIsNotHeardAnyMore() {
    TracedJobs jobs = new TracedJobs(SETTINGS);
    jobs.read(halted("a", 9).build(), 0, 0);
    jobs.read(event("a", 0).setAttempt(2).build(), 0, 1);
    assertEquals(JobSummary.State.RUNNING, jobs.job("a").orElseThrow().state());
    assertEquals(2, jobs.job("a").orElseThrow().attempt());
    jobs.read(halted("a", 12).build(), 0, 2);
    assertEquals(JobSummary.State.RUNNING, jobs.job("a").orElseThrow().state());
    assertEquals(3, jobs.job("a").orElseThrow().events());
  }

  @Test
  void handover_isCounted_andTheFirstPlannersEndIsNone() {
    TracedJobs jobs = new TracedJobs(SETTINGS);
    jobs.read(admitted("a", 2).build(), 0, 0);
    jobs.read(admitted("a", 2).setHand(2).setNode("akka://hrm@c:1").build(), 0, 1);
    jobs.read(halted("a", 40).build(), 0, 2);
    JobSummary job = jobs.job("a").orElseThrow();
    assertEquals(1, job.handovers());
    assertEquals("akka://hrm@c:1", job.node());
    assertEquals(JobSummary.State.RUNNING, job.state());
  }

  @Test
  void events_areReadByTheirPlaces_andNotTheWholeTopic() {
    for (int i = 0; i < 40_000; i++) {
      topic.add(0, event("crowd-" + i % 900, i).build());
      if (i % 10_000 == 7) {
        topic.add(0, event("a", i).build());
      }
    }
    try (var index = index(SETTINGS)) {
      awaitRead(index);
      topic.records = 0;
      TraceIndex.Events events = index.events("a", 100);
      assertEquals(
          List.of(7, 10_007, 20_007, 30_007),
          events.events().stream().map(TraceEvent::getSequence).toList());
      assertFalse(events.truncated());
      assertTrue(topic.records <= 4 * 500, topic.records + " records were read");
      assertEquals(2, index.events("a", 2).events().size());
      assertTrue(index.events("a", 2).truncated());
      assertEquals(List.of(), index.events("nobody", 9).events());
    }
  }

  @Test
  void corruptRecords_areCountedAndSkipped() {
    Random random = new Random(5);
    topic.add(0, (byte[]) null);
    topic.add(0, new byte[0]); // an event of no job
    topic.add(0, event("x".repeat(2000), 0).build());
    topic.add(0, new byte[] {(byte) 0xff, 1, 2});
    int corrupt = 4;
    for (int i = 0; i < 2000; i++) {
      byte[] good = halted("a", i).build().toByteArray();
      for (int flips = random.nextInt(5); flips > 0; flips--) {
        good[random.nextInt(good.length)] = (byte) random.nextInt(256);
      }
      topic.add(0, good);
      corrupt += isEvent(good) ? 0 : 1;
    }
    topic.add(0, halted("b", 3).build());
    try (var index = index(SETTINGS)) {
      awaitRead(index);
      assertEquals(corrupt, index.stats().corrupt());
      assertEquals(3, index.job("b").orElseThrow().segments());
      index.jobs(10_000).forEach(job -> index.events(job.id(), 10));
    }
  }

  private static boolean isEvent(byte[] record) {
    try {
      return !TraceEvent.parseFrom(record).getJobId().isEmpty();
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }

  @Test
  void recordThatTurnsCorrupt_isCountedInItsPlace() {
    topic.add(0, event("a", 0).build());
    long at = topic.add(0, event("a", 1).build().toByteArray());
    topic.add(0, event("a", 2).build());
    try (var index = index(SETTINGS)) {
      awaitRead(index);
      topic.replace(0, at, new byte[] {(byte) 0xff});
      TraceIndex.Events events = index.events("a", 10);
      assertEquals(1, events.corrupt());
      assertEquals(List.of(0, 2), events.events().stream().map(TraceEvent::getSequence).toList());
      assertFalse(events.truncated());
    }
  }

  @Test
  void deletedByRetention_isTruncatedAndAtLastGone() {
    for (int i = 0; i < 10; i++) {
      topic.add(0, event("a", i).build());
    }
    topic.add(0, event("b", 0).build());
    try (var index = index(SETTINGS)) {
      awaitRead(index);
      topic.deleteBelow(0, 6);
      TraceIndex.Events events = index.events("a", 100);
      assertEquals(4, events.events().size());
      assertTrue(events.truncated());
      topic.deleteBelow(0, 11);
      assertEquals(List.of(), index.events("a", 100).events());
    }
    TracedJobs jobs = new TracedJobs(SETTINGS);
    jobs.read(event("a", 0).build(), 0, 3);
    jobs.read(event("b", 0).build(), 0, 4);
    jobs.deleted(Map.of(0, 4L));
    assertEquals(List.of("b"), jobs.newest(9).stream().map(JobSummary::id).toList());
  }

  @Test
  void millionEvents_areServedUpToTheCap() {
    TracedJobs jobs = new TracedJobs(SETTINGS);
    for (int i = 0; i < 1_000_000; i++) {
      jobs.read(event("a", i).build(), 0, 3L * i);
    }
    TracedJobs.Places places = jobs.places("a", 1_000_000).orElseThrow();
    assertEquals(5000, places.offsets().length);
    assertTrue(places.more());
    assertEquals(1_000_000, jobs.job("a").orElseThrow().events());
    assertTrue(jobs.stats(false, 0).bytes() < 10_000);
  }

  @Test
  void bounds_areKeptAndTheOldestForgotten() {
    TracedJobs few = new TracedJobs(new TraceIndexSettings(1 << 20, 3, 100));
    for (int i = 0; i < 5; i++) {
      few.read(event("job-" + i, 0).build(), 0, i);
    }
    assertEquals(
        List.of("job-4", "job-3", "job-2"), few.newest(9).stream().map(JobSummary::id).toList());
    assertEquals(List.of("job-4"), few.newest(1).stream().map(JobSummary::id).toList());
    assertEquals(2, few.stats(false, 0).forgotten());
    TracedJobs small = new TracedJobs(new TraceIndexSettings(64 << 10, 100_000, 100_000));
    Random random = new Random(2);
    for (int i = 0; i < 100_000; i++) {
      small.read(event("job-" + random.nextInt(3000), i).build(), 0, i);
      assertTrue(small.stats(false, 0).bytes() <= 64 << 10);
    }
    assertTrue(small.stats(false, 0).jobs() > 50, small.stats(false, 0).toString());
  }

  @Test
  void listeners_areToldOfWhatIsNew_onceForABatch() throws Exception {
    topic.add(0, event("old", 0).build());
    try (var index = index(SETTINGS)) {
      awaitRead(index);
      index.addListener(
          job -> {
            throw new IllegalStateException("a broken viewer, on purpose");
          });
      TraceIndex.Listener listener = changes::add;
      index.addListener(listener);
      topic.add(0, admitted("new", 0).build());
      assertEquals("new", changes.poll(10, TimeUnit.SECONDS).id());
      index.removeListener(listener);
      topic.add(0, halted("new", 1).build());
      await(
          () -> index.job("new").orElseThrow().state() == JobSummary.State.HALTED,
          () -> "not halted: " + index.job("new"));
    }
    assertTrue(changes.isEmpty());
  }

  @Test
  void offsets_returnAsTheyWereKept() {
    Random random = new Random(3);
    Positions positions = new Positions();
    List<Long> kept = new ArrayList<>();
    long offset = 0;
    for (int i = 0; i < 10_000; i++) {
      offset += 1 + (random.nextLong() >>> 1 + random.nextInt(62)) % (Long.MAX_VALUE >>> 15);
      assertTrue(positions.add(offset));
      kept.add(offset);
      assertFalse(positions.add(offset - random.nextInt(2)));
    }
    assertArrayEquals(kept.stream().mapToLong(Long::longValue).toArray(), positions.first(20_000));
    Positions dense = new Positions();
    for (int i = 0; i < 100_000; i++) {
      dense.add(40L * i);
    }
    assertTrue(dense.bytes() < 200_000, dense.bytes() + " bytes");
  }
}
