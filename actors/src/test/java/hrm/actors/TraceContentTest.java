package hrm.actors;

import static org.junit.jupiter.api.Assertions.assertEquals;

import akka.actor.testkit.typed.javadsl.ActorTestKit;
import hrm.model.Carry;
import hrm.model.Heads;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import hrm.model.Hrm;
import hrm.model.LowLevel;
import hrm.proto.Cycle;
import hrm.proto.Message;
import hrm.proto.PuzzleJob;
import hrm.proto.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What a trace says of cycles and tensors is what the sequential function computes. */
class TraceContentTest {
  private static final ActorTestKit KIT = ActorTestKit.create();

  @AfterAll
  static void shutDown() {
    KIT.shutdownTestKit();
  }

  @Test
  void cyclesAndTensors_areTheFunctions() throws Exception {
    World world =
        new World(KIT, "lanes = 1", "slots-per-lane = 3", "prefetch = 2", "trace.sample = 1");
    world.planner();
    world.worker();
    Jobs door = world.jobs(5);
    List<PuzzleJob> puzzles =
        IntStream.range(0, 7).mapToObj(i -> TestModels.job(world.model, i, 1 + i % 3)).toList();
    world.solve(door, puzzles);
    for (PuzzleJob puzzle : puzzles) {
      List<Cycle> cycles =
          of(world, puzzle).filter(TraceEvent::hasCycle).map(TraceEvent::getCycle).toList();
      List<Message> thoughts =
          of(world, puzzle)
              .map(TraceEvent::getMessage)
              .filter(m -> m.getType().equals("Thought") && m.getStep() == Message.Step.RECEIVED)
              .toList();
      List<Message> thinks =
          of(world, puzzle)
              .map(TraceEvent::getMessage)
              .filter(m -> m.getType().equals("Think") && m.getStep() == Message.Step.SENT)
              .toList();
      List<Expected> expected = alone(world, puzzle);
      assertEquals(expected.size(), cycles.size());
      assertEquals(expected.size(), thoughts.size());
      for (int i = 0; i < expected.size(); i++) {
        Expected e = expected.get(i);
        assertEquals(e.residuals(), cycles.get(i).getZLResidualsList());
        assertEquals(e.zH(), cycles.get(i).getZHResidual());
        assertEquals(e.board(), cycles.get(i).getBoard());
        for (int cell = 0; cell < 16; cell++) {
          assertEquals(e.confidence().get(cell), confidence(cycles.get(i)).get(cell), 1);
        }
        assertEquals("zL", thoughts.get(i).getTensors(0).getName());
        assertEquals(e.hash(), thoughts.get(i).getTensors(0).getHash());
        assertEquals(e.norm(), thoughts.get(i).getTensors(0).getNorm(), 1e-5f * e.norm());
        if (i > 0) {
          assertEquals(expected.get(i - 1).hash(), thinks.get(i).getTensors(0).getHash());
        }
        assertEquals("inputInjection", thinks.get(i).getTensors(1).getName());
        assertEquals(e.injected(), thinks.get(i).getTensors(1).getHash());
      }
    }
  }

  @Test
  void traceparent_isTheCallersOrNone() throws Exception {
    World world =
        new World(KIT, "lanes = 1", "slots-per-lane = 3", "prefetch = 2", "trace.sample = 1");
    world.planner();
    world.worker();
    String given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    PuzzleJob alone = TestModels.job(world.model, 1, 1);
    PuzzleJob called = TestModels.job(world.model, 2, 1).toBuilder().setTraceparent(given).build();
    world.solve(world.jobs(5), List.of(alone, called));
    assertEquals("", traceparent(world, alone), "a parent that is invented is a span of nobody");
    assertEquals(given, traceparent(world, called));
  }

  private static String traceparent(World world, PuzzleJob puzzle) {
    return of(world, puzzle)
        .filter(TraceEvent::hasAdmitted)
        .map(event -> event.getAdmitted().getTraceparent())
        .findFirst()
        .orElseThrow();
  }

  private static Stream<TraceEvent> of(World world, PuzzleJob puzzle) {
    return world.events.stream().filter(event -> event.getJobId().equals(puzzle.getId()));
  }

  private static List<Integer> confidence(Cycle cycle) {
    return IntStream.range(0, cycle.getConfidence().size())
        .mapToObj(i -> cycle.getConfidence().byteAt(i) & 0xff)
        .toList();
  }

  private record Expected(
      List<Float> residuals,
      float zH,
      String board,
      List<Integer> confidence,
      long hash,
      float norm,
      long injected) {}

  /** The job by the sequential function, with its heads read after every cycle. */
  private static List<Expected> alone(World world, PuzzleJob job) {
    Task task = TestModels.task(world.model, job);
    List<Expected> cycles = new ArrayList<>();
    try (HighLevel high = world.model.highLevel(TestModels.BACKEND);
        LowLevel low = world.model.lowLevel(TestModels.BACKEND)) {
      Hrm hrm = new Hrm(high, low, world.model.config());
      HiddenState inputs =
          high.embed(new int[][] {task.tokens()}, new int[] {job.getPuzzleIdentifier()});
      Carry carry = high.seat(null, new int[] {-1});
      Hrm.Observer observer =
          (ticks, before, after) -> {
            Heads heads = high.heads(after);
            float[] zL = floats(ticks.zL());
            double squares = 0;
            for (float value : zL) {
              squares += (double) value * value;
            }
            List<Integer> confidence = new ArrayList<>();
            for (float p : heads.confidence(0)) {
              confidence.add(Math.round(255 * p));
            }
            List<Float> residuals = new ArrayList<>();
            for (float[] tick : ticks.residuals()) {
              residuals.add(tick[0]);
            }
            cycles.add(
                new Expected(
                    residuals,
                    high.residuals(before, after)[0],
                    task.text(heads.tokens(0)),
                    confidence,
                    hash(zL),
                    (float) Math.sqrt(squares),
                    hash(floats(high.inputInjection(before, inputs)))));
          };
      for (int i = 0; i < job.getOptions().getMaxSegments(); i++) {
        carry = hrm.segment(carry, inputs, observer).carry();
      }
    }
    return cycles;
  }

  private static float[] floats(HiddenState state) {
    float[] row = new float[state.sequence() * state.hidden()];
    state.readRow(0, row);
    return row;
  }

  /** As trace.proto defines it, one number at a time. */
  private static long hash(float[] values) {
    long hash = 0;
    for (float value : values) {
      hash = hash * 6364136223846793005L + Integer.toUnsignedLong(Float.floatToIntBits(value));
    }
    return hash;
  }
}
