package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.javadsl.Behaviors;
import akka.actor.typed.receptionist.Receptionist;
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Answered;
import hrm.actors.Protocol.DispatcherCommand;
import hrm.actors.Protocol.Enlist;
import hrm.actors.Protocol.Finished;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Reached;
import hrm.actors.Protocol.Think;
import hrm.actors.Protocol.Thought;
import hrm.actors.Protocol.Vacancies;
import hrm.actors.Protocol.WorkerCommand;
import hrm.model.Backend;
import hrm.model.LowLevel;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import java.time.Duration;
import java.util.Optional;

/** The dispatcher and the worker of a planner, both played by a test. */
final class Counterparts {
  final TestProbe<DispatcherCommand> dispatcher;
  final TestProbe<WorkerCommand> worker;
  private final ActorTestKit kit;

  /** What planners tell the dispatcher of themselves, apart from what becomes of its jobs. */
  final TestProbe<DispatcherCommand> tidings;

  /** Where planners find the dispatcher. */
  final ActorRef<DispatcherCommand> address;

  Counterparts(ActorTestKit kit) {
    this.kit = kit;
    this.dispatcher = kit.createTestProbe(DispatcherCommand.class);
    this.worker = kit.createTestProbe(WorkerCommand.class);
    this.tidings = kit.createTestProbe(DispatcherCommand.class);
    this.address =
        kit.spawn(
            Behaviors.receiveMessage(
                message -> {
                  boolean job = message instanceof Finished || message instanceof Reached;
                  (job ? dispatcher : tidings).ref().tell(message);
                  return Behaviors.same();
                }));
  }

  /** The next that the dispatcher is told of places. */
  int limit() {
    return tidings.expectMessageClass(Vacancies.class).limit();
  }

  /** Passes over what was true before. */
  void awaitLimit(int limit) {
    while (limit() != limit) {}
  }

  /** A planner that knows the dispatcher, and the other way round. */
  ActorRef<PlannerCommand> enlisted(World world) {
    return enlisted(world, TestModels.BACKEND);
  }

  /** The same on a device of its own. */
  ActorRef<PlannerCommand> enlisted(World world, Backend backend) {
    ActorRef<PlannerCommand> planner = world.planner(backend);
    planner.tell(new Enlist(address));
    tidings.expectMessageClass(Vacancies.class);
    return planner;
  }

  /** Planners get to know the worker. */
  void register(World world, TestProbe<WorkerCommand> probe) {
    kit.system().receptionist().tell(Receptionist.register(Worker.key(world.model), probe.ref()));
  }

  Admit admit(long ticket, PuzzleJob job) {
    return new Admit(ticket, job, 1, Duration.ofSeconds(2), Optional.empty(), address);
  }

  /** What the dispatcher is told next of this ticket's job. */
  PuzzleResult answer(long ticket) {
    Finished finished = dispatcher.expectMessageClass(Finished.class);
    assertEquals(ticket, finished.ticket());
    return ((Answered) finished.outcome()).result();
  }

  /** What a worker answers. */
  static Thought think(LowLevel low, Think think, ActorRef<WorkerCommand> self) {
    LowLevel.Ticks ticks = low.cycle(think.zL(), think.inputInjection());
    return new Thought(think.lane(), think.cycle(), ticks.zL(), ticks.residuals(), self, 1);
  }
}
