package hrm.cluster.trace.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.actors.CountingSerializer;
import hrm.cluster.cli.Eventually;
import hrm.cluster.jobs.Puzzle;
import hrm.cluster.jobs.Puzzles;
import hrm.cluster.node.LocalActors;
import hrm.cluster.settings.Role;
import hrm.model.Backend;
import hrm.model.Backends;
import hrm.model.Carry;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import hrm.model.Hrm;
import hrm.model.LowLevel;
import hrm.model.Model;
import hrm.model.puzzle.PuzzleKind;
import hrm.proto.Cycle;
import hrm.proto.Message;
import hrm.proto.NodeReport;
import hrm.proto.PuzzleJob;
import hrm.proto.PuzzleResult;
import hrm.proto.TraceEvent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Traces of one node and of three rebuild what was exchanged, as counted beside them. */
@Timeout(180)
class TraceIT {
  private static final List<String> CROSSING =
      List.of("Admit", "Think", "Thought", "Finished", "Reached", "Faltered");

  private static final int JOBS = 9;
  private static final int SEGMENTS = 3;

  @RegisterExtension final TracedNodes nodes = new TracedNodes();

  private static List<PuzzleJob> jobs(Model model) {
    List<PuzzleJob> jobs = new ArrayList<>();
    for (Puzzle puzzle : Puzzles.generated(model.puzzle().orElseThrow(), JOBS)) {
      jobs.add(TracedNodes.job(model, jobs.size(), puzzle.text(), 1 + jobs.size() % SEGMENTS));
    }
    return jobs;
  }

  private static void solve(LocalActors gateway, List<PuzzleJob> jobs) throws Exception {
    List<CompletableFuture<PuzzleResult>> answers = new ArrayList<>();
    for (PuzzleJob job : jobs) {
      Eventually.holds(
          () -> answers.stream().filter(answer -> !answer.isDone()).count() < 4,
          () -> "no answer to any of four jobs before " + job.getId());
      answers.add(gateway.door().solve(job, 1).toCompletableFuture());
    }
    for (CompletableFuture<PuzzleResult> answer : answers) {
      answer.get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void oneNode_eventsAreWhatItsMetersCount() throws Exception {
    Model model = Model.load(Path.of("../models/sudoku-4x4"));
    Backend backend = Backends.named("nd4j", 1);
    try (LocalActors node = nodes.node(EnumSet.allOf(Role.class), List.of(), model, backend)) {
      node.awaitCapacity(6);
      List<PuzzleJob> jobs = jobs(model);
      solve(node, jobs);
      NodeReport.Builder report = NodeReport.newBuilder();
      Eventually.holds(
          () -> nodes.sent("Thought") == nodes.received("Thought"),
          () -> "the worker has told of its last answer");
      node.meters().fill(report);
      assertEquals(JOBS, report.getDispatcher().getSubmitted());
      for (String type : List.of("Submit", "Admit", "Finished")) {
        assertEquals(JOBS, nodes.sent(type), type);
        assertEquals(JOBS, nodes.received(type), type);
      }
      long cycles = report.getPlanners(0).getCycles(); // of jobs
      assertEquals(cycles, nodes.received("Thought"));
      assertEquals(cycles, nodes.sent("Think"));
      assertEquals(cycles, nodes.received("Think"));
      assertEquals(
          report.getPlanners(0).getSegments(),
          nodes.events.stream().filter(e -> e.hasSegment()).count());
      assertEquals(nodes.events.size(), report.getTrace().getRecorded());
      for (PuzzleJob job : jobs) {
        checkCycles(model, backend, job);
      }
    }
  }

  @Test
  void threeNodes_eventsAreWhatCrossedTheWire() throws Exception {
    Model model = Model.load(Path.of("../models/sudoku-4x4"));
    Backend backend = Backends.named("nd4j", 1);
    try (LocalActors gateway = nodes.node(EnumSet.of(Role.GATEWAY), List.of(), model, backend);
        LocalActors planner =
            nodes.node(EnumSet.of(Role.PLANNER), List.of(gateway.address()), model, backend);
        LocalActors worker =
            nodes.node(EnumSet.of(Role.WORKER), List.of(gateway.address()), model, backend)) {
      gateway.awaitCapacity(6);
      List<PuzzleJob> jobs = jobs(model);
      solve(gateway, jobs);
      Eventually.holds(
          () -> CROSSING.stream().allMatch(type -> isTold(type)),
          () ->
              "not every one is told of, of " + CROSSING.stream().filter(t -> !isTold(t)).toList());
      assertEquals(JOBS, nodes.received("Submit"));
      assertTrue(nodes.received("Thought") >= jobs.stream().mapToInt(TraceIT::cycles).sum());
      assertNodes(gateway, planner, worker);
      assertTimes();
      for (PuzzleJob job : jobs) {
        checkCycles(model, backend, job);
      }
    }
  }

  /** Both of a message's ends say of it what has crossed. */
  private boolean isTold(String type) {
    return nodes.sent(type) == CountingSerializer.written(type)
        && nodes.received(type) == CountingSerializer.read(type);
  }

  private static int cycles(PuzzleJob job) {
    return 2 * job.getOptions().getMaxSegments();
  }

  private void assertNodes(LocalActors gateway, LocalActors planner, LocalActors worker) {
    for (TraceEvent event : nodes.events) {
      Message message = event.getMessage();
      boolean sending = message.getStep() == Message.Step.SENT;
      LocalActors where =
          switch (message.getType()) {
            case "Submit" -> gateway;
            case "Admit" -> sending ? gateway : planner;
            case "Think" -> sending ? planner : worker;
            case "Thought" -> sending ? worker : planner;
            case "Finished" -> sending ? planner : gateway;
            default -> planner;
          };
      assertEquals("akka://hrm@" + where.address(), event.getNode(), event.toString());
      if (event.hasMessage()) {
        String actor = sending ? message.getSender() : message.getReceiver();
        assertTrue(actor.startsWith(event.getNode() + "/"), actor);
      }
    }
  }

  private void assertTimes() {
    nodes
        .messages("Think", Message.Step.RECEIVED)
        .forEach(
            think -> {
              assertTrue(think.getBytes() > 0, think.toString());
              assertTrue(think.getTimes().getSerialiseNanos() > 0, think.toString());
              assertTrue(think.getTimes().getDeserialiseNanos() > 0, think.toString());
              assertTrue(think.getTimes().getComputeNanos() > 0, think.toString());
            });
    assertTrue(
        nodes
            .messages("Thought", Message.Step.RECEIVED)
            .anyMatch(thought -> thought.getTimes().getNetworkNanos() > 0));
  }

  /** Boards and residuals are the sequential function's; numbers and causes are in order. */
  private void checkCycles(Model model, Backend backend, PuzzleJob job) {
    List<TraceEvent> own =
        nodes.events.stream().filter(event -> event.getJobId().equals(job.getId())).toList();
    List<Cycle> told = own.stream().filter(TraceEvent::hasCycle).map(TraceEvent::getCycle).toList();
    List<Cycle> expected = alone(model, backend, job);
    assertEquals(expected.size(), told.size(), job.getId());
    for (int i = 0; i < told.size(); i++) {
      assertEquals(expected.get(i).getBoard(), told.get(i).getBoard());
      assertEquals(expected.get(i).getZLResidualsList(), told.get(i).getZLResidualsList());
      assertEquals(expected.get(i).getZHResidual(), told.get(i).getZHResidual());
    }
    List<Integer> numbers = own.stream().map(TraceEvent::getSequence).sorted().toList();
    for (int i = 1; i < numbers.size(); i++) {
      assertTrue(numbers.get(i) - numbers.get(i - 1) <= 1, "a gap before " + numbers.get(i));
    }
    own.stream()
        .filter(TraceEvent::hasCause)
        .forEach(event -> assertTrue(event.getCause() < event.getSequence(), event.toString()));
    assertEquals(1, own.stream().filter(event -> !event.hasCause()).count());
  }

  private static List<Cycle> alone(Model model, Backend backend, PuzzleJob job) {
    PuzzleKind kind = model.puzzle().orElseThrow();
    List<Cycle> cycles = new ArrayList<>();
    try (HighLevel high = model.highLevel(backend);
        LowLevel low = model.lowLevel(backend)) {
      Hrm.Observer observer =
          (ticks, before, after) -> {
            Cycle.Builder cycle =
                Cycle.newBuilder()
                    .setBoard(kind.text(high.heads(after).tokens(0)))
                    .setZHResidual(high.residuals(before, after)[0]);
            for (float[] tick : ticks.residuals()) {
              cycle.addZLResiduals(tick[0]);
            }
            cycles.add(cycle.build());
          };
      Hrm hrm = new Hrm(high, low, model.config());
      HiddenState inputs = high.embed(new int[][] {kind.parse(job.getText())}, new int[1]);
      Carry carry = high.seat(null, new int[] {-1});
      for (int segment = 0; segment < job.getOptions().getMaxSegments(); segment++) {
        carry = hrm.segment(carry, inputs, observer).carry();
      }
    }
    return cycles;
  }
}
