package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.BehaviorInterceptor;
import akka.actor.typed.TypedActorContext;
import akka.actor.typed.javadsl.Behaviors;
import hrm.actors.Protocol.Faltered;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Think;
import hrm.actors.Protocol.WorkerCommand;
import hrm.proto.HaltReason;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Planner, workers and dispatcher together equal the sequential function, whatever happens. */
class ExchangeTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  @Test
  void oneLane_equalsTheFunctionAfterEverySegment() throws Exception {
    World world = new World(KIT, "lanes = 1", "slots-per-lane = 3", "prefetch = 3");
    world.planner();
    world.worker();
    solveAndCompare(world, world.jobs(6), 14);
    assertTrue(world.mixed.get(), "jobs were to join and leave between segments");
  }

  @Test
  void severalLanesAndWorkers_equalTheFunctionAfterEverySegment() throws Exception {
    World world = new World(KIT, "lanes = 3", "slots-per-lane = 2", "prefetch = 2");
    world.planner();
    world.worker();
    world.worker();
    solveAndCompare(world, world.jobs(8), 20);
    assertTrue(world.mixed.get(), "jobs were to join and leave between segments");
  }

  @Test
  void workerThatFaltersAndDoubles_changesNothing() throws Exception {
    World world = new World(KIT, "lanes = 2", "slots-per-lane = 3", "prefetch = 2");
    Flaky flaky = new Flaky();
    world.planner();
    world.worker(worker -> Behaviors.intercept(() -> flaky, worker));
    solveAndCompare(world, world.jobs(8), 16);
    assertTrue(flaky.faltered > 0 && flaky.doubledAnswers > 0 && flaky.doubledRequests > 0);
  }

  @Test
  void workerThatDiesMidCycle_leavesItsLaneToAnother() throws Exception {
    World world =
        new World(KIT, "lanes = 2", "slots-per-lane = 3", "prefetch = 2", "think-timeout = 1h");
    AtomicInteger deaths = new AtomicInteger();
    world.planner();
    for (int i = 0; i < 3; i++) {
      world.worker(worker -> Behaviors.intercept(() -> new Mortal(4, deaths), worker));
    }
    world.worker();
    solveAndCompare(world, world.jobs(8), 16);
    assertTrue(deaths.get() > 0);
  }

  @Test
  void onlyWorkerDies_laneWaitsForTheNextOne() throws Exception {
    World world = new World(KIT, "lanes = 1", "prefetch = 0", "think-timeout = 1h");
    AtomicInteger deaths = new AtomicInteger();
    world.planner();
    ActorRef<WorkerCommand> mortal =
        world.worker(worker -> Behaviors.intercept(() -> new Mortal(2, deaths), worker));
    Jobs jobs = world.jobs(16);
    PuzzleJob job = TestModels.job(world.model, 1, 4);
    var answer = jobs.submit(job, 1).toCompletableFuture();
    KIT.createTestProbe().expectTerminated(mortal);
    world.worker();
    compare(world, job, answer.get());
  }

  @Test
  void plannerThatDies_leavesItsJobsToAnother() throws Exception {
    World world = new World(KIT, "lanes = 2", "slots-per-lane = 3", "prefetch = 2");
    AtomicInteger deaths = new AtomicInteger();
    ActorRef<PlannerCommand> mortal =
        world.planner(
            (slots, carry, heads) -> {
              deaths.incrementAndGet();
              throw new IllegalStateException("a planner dies with its lanes full, on purpose");
            });
    world.planner();
    world.worker();
    solveAndCompare(world, world.jobs(16), 16);
    KIT.createTestProbe().expectTerminated(mortal);
    assertEquals(1, deaths.get());
  }

  private static void solveAndCompare(World world, Jobs jobs, int n) throws Exception {
    List<PuzzleJob> puzzles =
        IntStream.range(0, n).mapToObj(i -> TestModels.job(world.model, i, 1 + i * 3 % 5)).toList();
    List<PuzzleResult> results = world.solve(jobs, puzzles);
    for (int i = 0; i < n; i++) {
      compare(world, puzzles.get(i), results.get(i));
    }
  }

  private static void compare(World world, PuzzleJob job, PuzzleResult result) {
    int segments = job.getOptions().getMaxSegments();
    List<TestModels.Row> expected = TestModels.alone(world.model, job, segments);
    List<TestModels.Row> seen = world.seen.get(job.getId());
    assertEquals(segments, seen.size(), job.getId());
    for (int i = 0; i < segments; i++) {
      String where = job.getId() + ", segment " + (i + 1);
      assertArrayEquals(expected.get(i).zH(), seen.get(i).zH(), where);
      assertArrayEquals(expected.get(i).zL(), seen.get(i).zL(), where);
      assertEquals(expected.get(i).qHalt(), seen.get(i).qHalt(), where);
      assertEquals(expected.get(i).qContinue(), seen.get(i).qContinue(), where);
      assertArrayEquals(expected.get(i).tokens(), seen.get(i).tokens(), where);
    }
    TestModels.Row last = expected.get(segments - 1);
    assertEquals(job.getId(), result.getJobId());
    assertEquals(HaltReason.HALTED_MAX_STEPS, result.getHaltReason());
    assertEquals(segments, result.getSegments());
    assertEquals(last.qHalt(), result.getQHalt());
    assertEquals(last.qContinue(), result.getQContinue());
    assertArrayEquals(
        last.tokens(), result.getTokensList().stream().mapToInt(Integer::intValue).toArray());
  }

  /** Around a worker: fails on some requests, computes some twice, answers some twice. */
  private static final class Flaky extends BehaviorInterceptor<WorkerCommand, WorkerCommand> {
    private int requests;
    volatile int faltered;
    volatile int doubledAnswers;
    volatile int doubledRequests;

    Flaky() {
      super(WorkerCommand.class);
    }

    @Override
    public Behavior<WorkerCommand> aroundReceive(
        TypedActorContext<WorkerCommand> context,
        WorkerCommand message,
        ReceiveTarget<WorkerCommand> target) {
      Think think = (Think) message;
      requests++;
      if (requests % 5 == 0) {
        faltered++;
        ActorRef<WorkerCommand> self = context.asJava().getSelf();
        think.replyTo().tell(new Faltered(think.lane(), think.cycle(), "flaky", self));
        return Behaviors.same();
      }
      if (requests % 3 == 0) {
        doubledAnswers++;
        ActorRef<PlannerCommand> twice =
            context
                .asJava()
                .spawnAnonymous(
                    Behaviors.receiveMessage(
                        answer -> {
                          think.replyTo().tell(answer);
                          think.replyTo().tell(answer);
                          return Behaviors.stopped();
                        }));
        return target.apply(
            context,
            new Think(think.lane(), think.cycle(), think.zL(), think.inputInjection(), twice));
      }
      if (requests % 7 == 0) {
        doubledRequests++;
        target.apply(context, think);
      }
      return target.apply(context, think);
    }
  }

  /** Around a worker: dies of its n-th request without an answer. */
  private static final class Mortal extends BehaviorInterceptor<WorkerCommand, WorkerCommand> {
    private final AtomicInteger deaths;
    private int left;

    Mortal(int requests, AtomicInteger deaths) {
      super(WorkerCommand.class);
      this.left = requests;
      this.deaths = deaths;
    }

    @Override
    public Behavior<WorkerCommand> aroundReceive(
        TypedActorContext<WorkerCommand> context,
        WorkerCommand message,
        ReceiveTarget<WorkerCommand> target) {
      if (--left == 0) {
        deaths.incrementAndGet();
        throw new IllegalStateException("a worker dies mid-cycle, on purpose");
      }
      return target.apply(context, message);
    }
  }
}
