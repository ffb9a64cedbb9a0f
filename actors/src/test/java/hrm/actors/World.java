package hrm.actors;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.Behavior;
import akka.actor.typed.DispatcherSelector;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.receptionist.Receptionist;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.WorkerCommand;
import hrm.model.Backend;
import hrm.model.Carry;
import hrm.model.Heads;
import hrm.model.Model;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import hrm.proto.TraceEvent;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;

/** Planners, workers and a front door of one tiny model, and what was seen of them. */
final class World implements SegmentProbe {
  final ActorTestKit kit;
  final Model model = TestModels.tiny();
  final ActorsSettings settings;
  final InstantSource clock;
  final Meters meters = new Meters();
  final Queue<TraceEvent> events = new ConcurrentLinkedQueue<>();
  final Tracing tracing;

  /** Job id to its rows after each segment, in the order they were seen. */
  final Map<String, List<TestModels.Row>> seen = new ConcurrentHashMap<>();

  /** Whether a lane held jobs of different age. */
  final AtomicBoolean mixed = new AtomicBoolean();

  World(ActorTestKit kit, String... settings) {
    this(kit, InstantSource.system(), settings);
  }

  World(ActorTestKit kit, InstantSource clock, String... settings) {
    this.kit = kit;
    this.clock = clock;
    this.settings = TestModels.settings(settings);
    String node = kit.system().address().toString();
    this.tracing = new Tracing(events::add, this.settings, node, clock, meters);
  }

  @Override
  public void segment(List<Slot> slots, Carry carry, Heads heads) {
    for (int row = 0; row < slots.size(); row++) {
      String id = slots.get(row).task.job().getId();
      seen.computeIfAbsent(id, key -> new ArrayList<>()).add(TestModels.row(carry, heads, row));
      if (slots.get(row).steps != slots.get(0).steps) {
        mixed.set(true);
      }
    }
  }

  ActorRef<PlannerCommand> planner() {
    return planner(this);
  }

  ActorRef<PlannerCommand> planner(Backend backend) {
    return planner(this, backend, UnaryOperator.identity());
  }

  ActorRef<PlannerCommand> planner(SegmentProbe probe) {
    return planner(probe, TestModels.BACKEND, UnaryOperator.identity());
  }

  ActorRef<PlannerCommand> planner(UnaryOperator<Behavior<PlannerCommand>> wrapped) {
    return planner(this, TestModels.BACKEND, wrapped);
  }

  private ActorRef<PlannerCommand> planner(
      SegmentProbe probe, Backend backend, UnaryOperator<Behavior<PlannerCommand>> wrapped) {
    return kit.spawn(
        wrapped.apply(Planner.create(model, backend, settings, tracing, clock, probe, meters)),
        DispatcherSelector.fromConfig(ActorsSettings.NUMERICS_DISPATCHER));
  }

  /** A planner of this model that is registered and none of these. */
  ActorRef<PlannerCommand> plannerBut(Set<ActorRef<PlannerCommand>> not) {
    TestProbe<Receptionist.Listing> listings = kit.createTestProbe(Receptionist.Listing.class);
    kit.system().receptionist().tell(Receptionist.subscribe(Planner.key(model), listings.ref()));
    while (true) {
      Set<ActorRef<PlannerCommand>> planners =
          listings
              .expectMessageClass(Receptionist.Listing.class)
              .getServiceInstances(Planner.key(model));
      for (ActorRef<PlannerCommand> planner : planners) {
        if (!not.contains(planner)) {
          return planner;
        }
      }
    }
  }

  ActorRef<WorkerCommand> worker() {
    return worker(UnaryOperator.identity());
  }

  ActorRef<WorkerCommand> worker(UnaryOperator<Behavior<WorkerCommand>> wrapped) {
    return kit.spawn(
        wrapped.apply(Worker.create(model, TestModels.BACKEND, settings, tracing, meters)),
        DispatcherSelector.fromConfig(ActorsSettings.NUMERICS_DISPATCHER));
  }

  /** A front door that has found as many jobs' worth of planners. */
  Jobs jobs(int capacity) {
    CompletableFuture<Jobs> started = new CompletableFuture<>();
    kit.spawn(
        Behaviors.setup(
            context -> {
              started.complete(
                  Jobs.start(context, settings, clock, tracing, List.of(model), meters));
              return Behaviors.empty();
            }));
    Jobs jobs = started.join();
    kit.createTestProbe()
        .awaitAssert(
            () -> {
              if (jobs.capacity() != capacity) {
                throw new AssertionError(jobs.capacity() + " instead of " + capacity);
              }
              return null;
            });
    return jobs;
  }

  List<PuzzleResult> solve(Jobs jobs, List<PuzzleJob> puzzles) throws Exception {
    List<CompletableFuture<PuzzleResult>> answers = new ArrayList<>();
    for (PuzzleJob puzzle : puzzles) {
      answers.add(jobs.submit(puzzle, 1).toCompletableFuture());
    }
    List<PuzzleResult> results = new ArrayList<>();
    for (CompletableFuture<PuzzleResult> answer : answers) {
      results.add(answer.get(60, TimeUnit.SECONDS));
    }
    return results;
  }
}
