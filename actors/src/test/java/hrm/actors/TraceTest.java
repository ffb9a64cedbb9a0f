package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.BehaviorInterceptor;
import akka.actor.typed.TypedActorContext;
import akka.actor.typed.javadsl.Behaviors;
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Faltered;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Think;
import hrm.actors.Protocol.Thought;
import hrm.actors.Protocol.WorkerCommand;
import hrm.proto.Message;
import hrm.proto.PuzzleJob;
import hrm.proto.TraceEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Traces rebuild what the actors exchanged, as counted beside them. */
class TraceTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  /** Counts the jobs in what an actor receives; some messages fail instead, some come twice. */
  private static final class Count<C> extends BehaviorInterceptor<C, C> {
    private final ToIntFunction<C> jobs;
    private final int lost;
    private final Lost<C> instead;
    private final int doubled;
    private int messages = 0;
    final AtomicInteger arrived = new AtomicInteger();

    /**
     * @param lost every such message; 0 for none, as doubled
     * @param instead of a lost message
     */
    Count(Class<C> type, ToIntFunction<C> jobs, int lost, Lost<C> instead, int doubled) {
      super(type);
      this.jobs = jobs;
      this.lost = lost;
      this.instead = instead;
      this.doubled = doubled;
    }

    @Override
    public Behavior<C> aroundReceive(
        TypedActorContext<C> context, C message, ReceiveTarget<C> target) {
      int carried = jobs.applyAsInt(message);
      arrived.addAndGet(carried);
      messages += carried > 0 ? 1 : 0;
      if (carried > 0 && lost > 0 && messages % lost == 0) {
        return instead.happens(context, message, target);
      }
      if (carried > 0 && doubled > 0 && messages % doubled == 0) {
        target.apply(context, message);
      }
      return target.apply(context, message);
    }
  }

  /** What happens where a message is lost. */
  private interface Lost<C> {
    Behavior<C> happens(
        TypedActorContext<C> context, C message, BehaviorInterceptor.ReceiveTarget<C> target);
  }

  private final Count<WorkerCommand> asked =
      new Count<>(
          WorkerCommand.class,
          TraceTest::thinking,
          6,
          (worker, message, target) -> {
            Think think = (Think) message;
            think.replyTo().tell(falter(think.lane(), think.cycle(), worker.asJava().getSelf()));
            return Behaviors.same();
          },
          0);
  private final Count<PlannerCommand> told =
      new Count<>(
          PlannerCommand.class,
          TraceTest::thought,
          9,
          (planner, message, target) -> {
            Thought thought = (Thought) message;
            return target.apply(planner, falter(thought.lane(), thought.cycle(), thought.worker()));
          },
          7);
  private final Count<WorkerCommand> heard = counting(WorkerCommand.class, TraceTest::thinking);
  private final Count<PlannerCommand> answered = counting(PlannerCommand.class, TraceTest::thought);
  private final Count<PlannerCommand> admitted =
      counting(PlannerCommand.class, message -> message instanceof Admit ? 1 : 0);

  private static <C> Count<C> counting(Class<C> type, ToIntFunction<C> jobs) {
    return new Count<>(type, jobs, 0, null, 0);
  }

  private static Faltered falter(int lane, long cycle, ActorRef<WorkerCommand> worker) {
    return new Faltered(lane, cycle, "lost", worker);
  }

  private static int thinking(WorkerCommand message) {
    return message instanceof Think think ? think.zL().batch() : 0;
  }

  private static int thought(PlannerCommand message) {
    return message instanceof Thought thought ? thought.residuals()[0].length : 0;
  }

  private static long count(World world, String type, Message.Step step) {
    return world.events.stream()
        .map(TraceEvent::getMessage)
        .filter(message -> message.getType().equals(type) && message.getStep() == step)
        .count();
  }

  @Test
  void events_areTheMessagesThatWereExchanged() throws Exception {
    List<PuzzleJob> puzzles = new ArrayList<>();
    World world =
        new World(KIT, "lanes = 2", "slots-per-lane = 3", "prefetch = 2", "trace.sample = 1");
    world.planner(
        planner ->
            Behaviors.intercept(
                () -> told,
                Behaviors.intercept(() -> answered, Behaviors.intercept(() -> admitted, planner))));
    world.worker(
        worker -> Behaviors.intercept(() -> asked, Behaviors.intercept(() -> heard, worker)));
    Jobs door = world.jobs(8);
    for (int i = 0; i < 12; i++) {
      puzzles.add(TestModels.job(world.model, i, 1 + i * 3 % 5));
    }
    world.solve(door, puzzles);
    KIT.createTestProbe()
        .awaitAssert(
            () -> {
              assertEquals(asked.arrived.get(), count(world, "Think", Message.Step.SENT));
              assertEquals(heard.arrived.get(), count(world, "Think", Message.Step.RECEIVED));
              assertEquals(told.arrived.get(), count(world, "Thought", Message.Step.SENT));
              assertEquals(answered.arrived.get(), count(world, "Thought", Message.Step.RECEIVED));
              return null;
            });
    assertTrue(asked.arrived.get() > heard.arrived.get() && heard.arrived.get() > 0);
    assertTrue(world.events.stream().anyMatch(event -> event.getMessage().getLate()));
    assertEquals(12, admitted.arrived.get());
    for (String type : List.of("Submit", "Admit", "Finished")) {
      assertEquals(12, count(world, type, Message.Step.SENT), type);
      assertEquals(12, count(world, type, Message.Step.RECEIVED), type);
    }
    assertTrue(world.events.stream().anyMatch(event -> event.getMessage().getRetry() > 0));
    puzzles.forEach(puzzle -> checkOrder(world, puzzle.getId()));
  }

  /** Each event follows from an earlier one, and arrivals from their sendings. */
  private static void checkOrder(World world, String id) {
    List<TraceEvent> events =
        world.events.stream().filter(event -> event.getJobId().equals(id)).toList();
    Map<String, TraceEvent> sent = new HashMap<>();
    for (TraceEvent event : events) {
      if (event.getMessage().getStep() == Message.Step.SENT) {
        assertEquals(null, sent.put(event.getMessage().getId(), event), event.toString());
      }
    }
    List<Integer> numbers = events.stream().map(TraceEvent::getSequence).sorted().toList();
    assertEquals(0, numbers.get(0));
    for (int i = 1; i < numbers.size(); i++) {
      assertTrue(numbers.get(i) - numbers.get(i - 1) <= 1, "a gap before " + numbers.get(i));
    }
    for (TraceEvent event : events) {
      assertEquals(event.getSequence() == 0, !event.hasCause(), event.toString());
      assertTrue(event.getSequence() == 0 || event.getCause() < event.getSequence());
      if (event.getMessage().getStep() == Message.Step.RECEIVED) {
        TraceEvent from = sent.get(event.getMessage().getId());
        assertEquals(from.getSequence(), event.getCause(), event.toString());
        assertEquals(from.getMessage().getSender(), event.getMessage().getSender());
        assertEquals(from.getMessage().getReceiver(), event.getMessage().getReceiver());
        assertEquals(from.getMessage().getType(), event.getMessage().getType());
      }
    }
  }

  @Test
  void sameAttemptAgain_isARunOfItsOwn() throws Exception {
    World world =
        new World(KIT, "lanes = 1", "slots-per-lane = 3", "prefetch = 2", "trace.sample = 1");
    world.planner();
    world.worker();
    Jobs door = world.jobs(5);
    List<PuzzleJob> puzzles =
        IntStream.range(0, 3).mapToObj(i -> TestModels.job(world.model, i, 2)).toList();
    world.solve(door, puzzles);
    world.solve(door, puzzles);
    for (PuzzleJob puzzle : puzzles) {
      Map<Long, List<TraceEvent>> runs =
          world.events.stream()
              .filter(event -> event.getJobId().equals(puzzle.getId()))
              .collect(Collectors.groupingBy(TraceEvent::getRun));
      assertEquals(2, runs.size());
      assertFalse(runs.containsKey(0L));
      for (List<TraceEvent> run : runs.values()) {
        assertEquals(1, run.stream().filter(TraceEvent::hasHalted).count());
        assertEquals(1, run.stream().filter(e -> e.getSequence() == 0).count());
      }
    }
  }

  @Test
  void plannerThatDies_handsItsJobsOver_andItsTraceGoesOn() throws Exception {
    World world =
        new World(KIT, "lanes = 2", "slots-per-lane = 3", "prefetch = 2", "trace.sample = 1");
    AtomicInteger deaths = new AtomicInteger();
    world.planner(
        (slots, carry, heads) -> {
          deaths.incrementAndGet();
          throw new IllegalStateException("a planner dies with its lanes full, on purpose");
        });
    world.planner();
    world.worker();
    Jobs door = world.jobs(16);
    List<PuzzleJob> puzzles =
        IntStream.range(0, 16).mapToObj(i -> TestModels.job(world.model, i, 2)).toList();
    world.solve(door, puzzles);
    assertEquals(1, deaths.get());
    long handovers = world.meters.dispatcher().handovers.sum();
    assertTrue(handovers > 0);
    assertEquals(
        handovers, world.events.stream().filter(e -> e.hasAdmitted() && e.getHand() == 2).count());
    assertEquals(16 + handovers, count(world, "Admit", Message.Step.SENT));
    assertEquals(16, world.events.stream().filter(TraceEvent::hasHalted).count());
  }
}
