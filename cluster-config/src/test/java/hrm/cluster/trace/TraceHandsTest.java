package hrm.cluster.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import hrm.proto.Admitted;
import hrm.proto.TraceEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Several planners of one attempt, and several runs, under the same numbers. */
class TraceHandsTest {
  @Test
  void handover_keepsTheHandsApart() {
    SyntheticTrace trace = new SyntheticTrace("j", 1, SyntheticTrace.PUZZLE).begin("");
    trace.cycle(1, 1, SyntheticTrace.SOLUTION, 9).cycle(1, 2, SyntheticTrace.SOLUTION, 8);
    trace.handover();
    trace.cycle(1, 1, "1".repeat(16), 9).halted(1, false);
    TraceView view = SyntheticTrace.view(trace.events());
    assertEquals(List.of(1, 1, 2), view.cycles().stream().map(c -> c.event().getHand()).toList());
    assertEquals(List.of(0, 1, 2), view.cycles().stream().map(CycleView::index).toList());
    List<String> types = view.messages().stream().map(m -> m.message().getType()).toList();
    assertEquals("Admit", types.get(6), types.toString());
  }

  /** Hand 1 thinks 5 to 14; hand 2 is admitted under 4 and thinks 6 to 10. */
  private static SyntheticTrace handedOver() {
    SyntheticTrace trace = new SyntheticTrace("j", 1, SyntheticTrace.PUZZLE).begin("");
    trace.cycle(1, 1, SyntheticTrace.SOLUTION, 9).cycle(1, 2, "1".repeat(16), 8);
    trace.handover();
    trace.cycle(1, 1, SyntheticTrace.SOLUTION, 9);
    return trace;
  }

  @Test
  void handover_itsNumbersAreItsOwn_alsoWhenOneIsMissing() {
    SyntheticTrace trace = handedOver().halted(1, true);
    assertEquals(List.of(), SyntheticTrace.view(trace.events()).gaps());
    List<TraceEvent> events = new ArrayList<>(trace.events());
    assertTrue(events.removeIf(e -> e.getHand() == 2 && e.getSequence() == 7));
    TraceView view = SyntheticTrace.view(events);
    assertEquals(List.of(new Gap(2, 7, 7)), view.gaps(), "hand 1 has a 7, too");
    MessageView think = view.messages().get(7);
    assertEquals("Think", think.message().getType());
    assertTrue(think.received().isEmpty());
    assertFalse(think.lost(), "its arrival is what is missing");
  }

  @Test
  void order_isOneOverAllPlanners() {
    List<TraceEvent> events = new ArrayList<>(handedOver().halted(1, true).events());
    events.removeIf(e -> e.getHand() == 2 && e.getSequence() == 7);
    Collections.shuffle(events, new Random(3));
    JsonObject json = TraceJson.of(SyntheticTrace.view(events));
    List<Integer> orders = new ArrayList<>();
    for (var element : json.getAsJsonArray("messages")) {
      orders.add(element.getAsJsonObject().get("order").getAsInt());
    }
    // Submit, Admit; two cycles of five events; Admit, Think, the gap, Thought, Cycle, ...
    assertEquals(List.of(0, 2, 5, 7, 10, 12, 15, 17, 19, 23), orders);
    assertEquals("[[7,7,2,18]]", json.getAsJsonArray("gaps").toString());
    JsonObject thought = json.getAsJsonArray("messages").get(8).getAsJsonObject();
    assertEquals(7, thought.get("cause").getAsInt());
    assertEquals(18, thought.get("cause_order").getAsInt(), "not hand 1's 7");
    assertEquals(20, thought.get("received_order").getAsInt());
    assertEquals(
        21, json.getAsJsonArray("cycles").get(2).getAsJsonObject().get("order").getAsInt());
  }

  @Test
  void restart_isNoFlipAndNoMove() {
    TraceView view = SyntheticTrace.view(handedOver().events());
    assertEquals(0, view.convergence().flips(), "the second planner gave nothing up");
    SyntheticTrace restarted = handedOver().cycle(1, 2, SyntheticTrace.SOLUTION, 9);
    assertEquals(
        Convergence.Mark.THINKING,
        SyntheticTrace.view(restarted.events()).convergence().mark(),
        "two steps of its own are too few to tell");
  }

  @Test
  void resumption_goesOnFromWhatWasKept() {
    SyntheticTrace trace = new SyntheticTrace("j", 1, SyntheticTrace.PUZZLE).begin("");
    String other = "1".repeat(16);
    trace.cycle(1, 1, SyntheticTrace.SOLUTION, 9).cycle(1, 2, other, 9);
    trace.cycle(2, 1, SyntheticTrace.SOLUTION, 9); // lost: the second planner thinks it again
    trace.handover();
    trace.add(
        "akka://hrm@h:1",
        2,
        TraceEvent.newBuilder().setAdmitted(Admitted.newBuilder().setResumedSegments(1)));
    trace.cycle(2, 1, SyntheticTrace.SOLUTION, 9).cycle(2, 2, SyntheticTrace.SOLUTION, 9);
    Convergence convergence = SyntheticTrace.view(trace.events()).convergence();
    int back = 0;
    for (char value : SyntheticTrace.SOLUTION.toCharArray()) {
      back += value == '1' ? 0 : 1;
    }
    assertEquals(back, convergence.flips());
    assertEquals(Convergence.Mark.WANDERING, convergence.mark(), "four steps in all");
  }

  @Test
  void runGivenBack_isKeptApart_andTheLatestShown() {
    SyntheticTrace first =
        new SyntheticTrace("j", 1, SyntheticTrace.PUZZLE).run(7, "a", 0).begin("");
    first.cycle(1, 1, SyntheticTrace.SOLUTION, 9).handover();
    first.cycle(1, 1, "1".repeat(16), 9).segment(1, false).halted(1, false);
    SyntheticTrace second =
        SyntheticTrace.solved(
            new SyntheticTrace("j", 1, SyntheticTrace.PUZZLE).run(8, "b", 25_000));
    List<TraceEvent> both = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      first.events().stream().skip(i).limit(1).forEach(both::add);
      second.events().stream().skip(i).limit(1).forEach(both::add);
    }
    TraceView view = SyntheticTrace.view(both);
    assertEquals(second.events(), view.events());
    assertEquals(2, TraceJson.of(view).get("runs").getAsInt());
    assertEquals(
        TraceJson.of(SyntheticTrace.view(second.events())).get("messages"),
        TraceJson.of(view).get("messages"));
    assertEquals(Convergence.Mark.SETTLED, view.convergence().mark());
  }
}
