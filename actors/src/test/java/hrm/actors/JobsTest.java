package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.receptionist.Receptionist;
import hrm.actors.Protocol.Enlist;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Pulse;
import hrm.proto.PuzzleResult;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The front door when what is behind it ends. */
class JobsTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  private final World world = new World(KIT);
  private ActorRef<Void> guardian;
  private Jobs jobs;

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  /** Opens the door and puts a job behind it, which waits for a planner. */
  private CompletionStage<PuzzleResult> waiting() {
    CompletableFuture<Jobs> started = new CompletableFuture<>();
    guardian =
        KIT.spawn(
            Behaviors.setup(
                context -> {
                  started.complete(
                      Jobs.start(
                          context,
                          world.settings,
                          world.clock,
                          world.tracing,
                          List.of(world.model),
                          world.meters));
                  return Behaviors.empty();
                }));
    jobs = started.join();
    CompletionStage<PuzzleResult> waiting = submit(1);
    awaitCapacity(1);
    return waiting;
  }

  private CompletionStage<PuzzleResult> submit(int number) {
    return jobs.submit(TestModels.job(world.model, number, 1), 1);
  }

  private void awaitCapacity(int capacity) {
    KIT.createTestProbe()
        .awaitAssert(
            () -> {
              assertEquals(capacity, jobs.capacity());
              return null;
            });
  }

  private static Throwable failure(CompletionStage<PuzzleResult> stage) {
    return assertThrows(
            ExecutionException.class, () -> stage.toCompletableFuture().get(30, TimeUnit.SECONDS))
        .getCause();
  }

  @Test
  void dispatcherThatIsStopped_hasNoCapacity_andItsJobsWereNotAccepted() {
    CompletionStage<PuzzleResult> waiting = waiting();
    KIT.stop(guardian);
    assertEquals(0, jobs.capacity());
    assertInstanceOf(JobsBusy.class, failure(submit(2)));
    assertInstanceOf(JobsBusy.class, failure(waiting));
  }

  /** Or a job of which every dispatcher dies would come for ever. */
  @Test
  void dispatcherThatFails_hasItsJobsCounted_andTakesNoMore() {
    CompletionStage<PuzzleResult> waiting = waiting();
    TestProbe<PlannerCommand> planner = KIT.createTestProbe(PlannerCommand.class);
    KIT.system()
        .receptionist()
        .tell(Receptionist.register(Planner.key(world.model), planner.ref()));
    planner
        .expectMessageClass(Enlist.class)
        .dispatcher()
        .tell(new Pulse(planner.ref(), 1, 0, null)); // without tickets
    assertFalse(failure(waiting) instanceof JobsBusy);
    assertEquals(0, jobs.capacity());
    assertInstanceOf(JobsBusy.class, failure(submit(2)));
  }
}
