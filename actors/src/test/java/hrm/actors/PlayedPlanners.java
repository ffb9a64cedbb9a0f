package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import akka.actor.testkit.typed.javadsl.TestProbe;
import akka.actor.typed.ActorRef;
import akka.actor.typed.receptionist.Receptionist;
import hrm.actors.Protocol.Admit;
import hrm.actors.Protocol.Answered;
import hrm.actors.Protocol.DispatcherCommand;
import hrm.actors.Protocol.Enlist;
import hrm.actors.Protocol.Finished;
import hrm.actors.Protocol.Outcome;
import hrm.actors.Protocol.PlannerCommand;
import hrm.actors.Protocol.Submit;
import hrm.model.Model;
import hrm.proto.PuzzleResult;
import hrm.proto.TraceEvent;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A dispatcher among planners that a test plays itself. */
final class PlayedPlanners {
  final Model model = TestModels.tiny();
  final Model other = TestModels.tiny();
  final ManualClock clock = new ManualClock();
  final ManualClock steady = new ManualClock();
  final AtomicInteger capacity = new AtomicInteger();
  final Meters meters = new Meters();
  final TestProbe<Outcome> client;
  private final ActorTestKit kit;
  private final Queue<TraceEvent> events = new ConcurrentLinkedQueue<>();

  PlayedPlanners(ActorTestKit kit) {
    this.kit = kit;
    this.client = kit.createTestProbe(Outcome.class);
  }

  ActorRef<DispatcherCommand> dispatcher(String... settings) {
    return kit.spawn(
        Dispatcher.create(
            List.of(model, other),
            TestModels.settings(settings),
            clock,
            steady,
            new Tracing(events::add, TestModels.settings(settings), "here", clock, new Meters()),
            capacity::set,
            meters));
  }

  TestProbe<PlannerCommand> planner() {
    return planner(model);
  }

  TestProbe<PlannerCommand> planner(Model model) {
    TestProbe<PlannerCommand> planner = kit.createTestProbe(PlannerCommand.class);
    kit.system().receptionist().tell(Receptionist.register(Planner.key(model), planner.ref()));
    planner.expectMessageClass(Enlist.class);
    return planner;
  }

  Submit submit(int number) {
    return submit(model, number);
  }

  Submit submit(Model model, int number) {
    return new Submit(TestModels.task(model, TestModels.job(model, number, 1)), 1, client.ref());
  }

  static Finished answer(Admit admit, String text) {
    return new Finished(
        admit.ticket(),
        new Answered(
            PuzzleResult.newBuilder().setJobId(admit.job().getId()).setText(text).build()));
  }

  void expectAnswer(int number, String text) {
    PuzzleResult result = client.expectMessageClass(Answered.class).result();
    assertEquals("job-" + number, result.getJobId());
    assertEquals(text, result.getText());
  }
}
