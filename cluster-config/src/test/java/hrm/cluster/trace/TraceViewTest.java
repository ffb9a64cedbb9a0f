package hrm.cluster.trace;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import hrm.gateway.JobSummary;
import hrm.proto.Cycle;
import hrm.proto.Message;
import hrm.proto.TraceEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TraceViewTest {
  private static List<TraceEvent> solved() {
    return SyntheticTrace.solved("j").events();
  }

  @Test
  void messages_areMergedOfBothEvents_inOrder() {
    List<MessageView> messages = SyntheticTrace.view(solved()).messages();
    assertEquals(
        List.of(
            "Submit",
            "Admit",
            "Think",
            "Thought",
            "Think",
            "Thought",
            "Think",
            "Thought",
            "Think",
            "Thought",
            "Finished"),
        messages.stream().map(m -> m.message().getType()).toList());
    MessageView think = messages.get(2);
    assertEquals(5, think.sequence());
    assertEquals(6, think.receivedSequence().getAsInt());
    assertEquals(4, think.cause().getAsInt());
    assertEquals(2048, think.bytes());
    assertEquals(5_000, think.nanos(t -> t.getComputeNanos()));
    assertEquals("akka://hrm@h:2", think.receiverNode());
    assertEquals("zL", think.tensors().get(0).getName());
    assertTrue(messages.stream().allMatch(MessageView::critical));
    assertTrue(messages.stream().noneMatch(MessageView::lost));
  }

  @Test
  void order_isLogical_whateverTheTopicsOrderAndClocks() {
    List<TraceEvent> events = new ArrayList<>(solved());
    TraceView straight = SyntheticTrace.view(events);
    Collections.shuffle(events, new Random(3));
    events.addAll(solved()); // every event twice
    assertEquals(
        TraceJson.of(straight).toString(), TraceJson.of(SyntheticTrace.view(events)).toString());
  }

  @Test
  void boards_haveChangesConflictsAndTheDecision() {
    TraceView trace = SyntheticTrace.view(solved());
    List<CycleView> cycles = trace.cycles();
    assertEquals(List.of(), cycles.get(0).changed());
    assertEquals(List.of(2, 15), cycles.get(1).changed());
    // 1214...: two ones in the first row, of which one conflicts with the first column's given too.
    assertEquals(List.of(0, 2), cycles.get(0).conflicts().subList(0, 2));
    assertEquals(List.of(), cycles.get(2).conflicts());
    assertEquals(Optional.of(2), trace.convergence().decided());
    assertEquals(1, trace.convergence().flips()); // the last cell came back to 1
    assertTrue(cycles.get(0).heads().isEmpty());
    assertFalse(cycles.get(1).heads().orElseThrow().getSolved());
    assertTrue(cycles.get(3).heads().orElseThrow().getSolved());
    assertEquals(2, trace.hCycles());
    assertEquals(2, trace.lCycles());
  }

  @Test
  void givenThatIsOverwritten_isAConflict() {
    BoardView board = BoardView.of(SyntheticTrace.PUZZLE, "");
    assertTrue(board.conflicts("4" + SyntheticTrace.SOLUTION.substring(1)).contains(0));
    // By the rules alone a solution with 1 and 2 swapped is as good: only the givens tell.
    String swapped = SyntheticTrace.SOLUTION.replace('1', 'x').replace('2', '1').replace('x', '2');
    List<Integer> givens =
        java.util.stream.IntStream.range(0, 16)
            .filter(cell -> "12".indexOf(SyntheticTrace.PUZZLE.charAt(cell)) >= 0)
            .boxed()
            .toList();
    assertEquals(givens, board.conflicts(swapped));
    assertEquals(List.of(), board.conflicts(SyntheticTrace.SOLUTION));
    assertEquals(List.of(), board.conflicts("?".repeat(3)), "of another length: no rules apply");
    assertTrue(BoardView.of("no board", "sudoku-4x4").kind().isEmpty());
  }

  private static Convergence.Mark mark(boolean halts, String board, float... residuals) {
    SyntheticTrace trace = new SyntheticTrace("j", 1, SyntheticTrace.PUZZLE).begin("");
    for (int i = 0; i < residuals.length; i++) {
      trace.cycle(i / 2 + 1, i % 2 + 1, board, residuals[i]);
    }
    if (halts) {
      trace.halted(residuals.length / 2, false);
    }
    return SyntheticTrace.view(trace.events()).convergence().mark();
  }

  @Test
  void convergence_marksTellRestFromRightness() {
    String wrong = "1".repeat(16);
    String right = SyntheticTrace.SOLUTION;
    // A state of 16 x 4 has the norm 8; below a twentieth of it, 0.4, it rests.
    assertEquals(Convergence.Mark.SETTLED, mark(true, right, 9, 1, 0.5f, 0.39f));
    assertEquals(Convergence.Mark.THINKING, mark(true, right, 9, 1, 0.5f, 0.41f));
    assertEquals(Convergence.Mark.WANDERING, mark(true, right, 9, 1, 0.5f, 0.91f));
    assertEquals(Convergence.Mark.WANDERING, mark(false, wrong, 9, 5, 6, 5));
    assertEquals(Convergence.Mark.THINKING, mark(true, right, 9, 9), "too soon to tell");
    assertEquals(Convergence.Mark.SETTLED_WRONG, mark(true, wrong, 9, 1, 0.5f, 0.1f));
    assertEquals(Convergence.Mark.SETTLED_WRONG, mark(false, wrong, 9, 1, 0.5f, 0.1f));
    assertEquals(Convergence.Mark.THINKING, mark(false, wrong, 9, 1));
    assertEquals(Convergence.Mark.THINKING, mark(false, wrong));
    assertEquals(
        Convergence.Mark.WANDERING, mark(true, wrong, Float.NaN, Float.NaN, Float.NaN, Float.NaN));
  }

  @Test
  void missingMiddle_isAGap_andNothingInItIsCalledLost() {
    List<TraceEvent> events =
        solved().stream().filter(e -> e.getSequence() < 6 || e.getSequence() > 15).toList();
    TraceView trace = SyntheticTrace.view(events);
    assertEquals(List.of(new Gap(1, 6, 15)), trace.gaps());
    assertEquals(2, trace.cycles().size());
    MessageView think = trace.messages().get(2);
    assertTrue(think.received().isEmpty());
    assertFalse(think.lost());
    assertTrue(trace.messages().get(0).critical(), "the path goes on beyond the gap");
  }

  @Test
  void message_withoutArrival_isLostOnceTheAttemptWentOn() {
    SyntheticTrace trace = new SyntheticTrace("j", 1, SyntheticTrace.PUZZLE).begin("");
    Message.Builder think =
        Message.newBuilder()
            .setType("Think")
            .setId("1.5")
            .setStep(Message.Step.SENT)
            .setSegment(1)
            .setCycle(1);
    trace.add("akka://hrm@h:1", 1, TraceEvent.newBuilder().setMessage(think));
    assertFalse(SyntheticTrace.view(trace.events()).messages().get(2).lost(), "under way");
    trace.add(
        "akka://hrm@h:1",
        1,
        TraceEvent.newBuilder().setMessage(think.clone().setId("1.6").setRetry(1)));
    List<MessageView> messages = SyntheticTrace.view(trace.events()).messages();
    assertTrue(messages.get(2).lost());
    assertFalse(messages.get(3).lost());
    trace.halted(0, false);
    messages = SyntheticTrace.view(trace.events()).messages();
    assertTrue(messages.get(3).lost());
  }

  @Test
  void arrival_withoutSending_isAMessageStill() {
    List<TraceEvent> events = new ArrayList<>(solved());
    events.removeIf(e -> e.getSequence() == 5);
    JsonObject message =
        TraceJson.of(SyntheticTrace.view(events))
            .getAsJsonArray("messages")
            .get(2)
            .getAsJsonObject();
    assertEquals(5, message.get("sequence").getAsInt());
    assertEquals(6, message.get("received_sequence").getAsInt());
    assertFalse(message.has("sent"));
    assertFalse(message.get("lost").getAsBoolean());
  }

  @Test
  void attempts_areServedOneByOne_theLastUnasked() {
    List<TraceEvent> events = new ArrayList<>(solved());
    events.addAll(new SyntheticTrace("j", 2, SyntheticTrace.PUZZLE).begin("").events());
    JobSummary job = SyntheticTrace.summary("j", JobSummary.State.RUNNING, 2);
    assertEquals(2, TraceView.of(job, events, 0, false).attempt());
    assertEquals(0, TraceView.of(job, events, 0, false).cycles().size());
    assertEquals(4, TraceView.of(job, events, 1, false).cycles().size());
    assertEquals(List.of(1, 2), TraceView.of(job, events, 1, true).attempts());
  }

  @Test
  void hostileTexts_stayTexts() {
    String evil = "<img src=x onerror=alert(1)>\u001b[31m\n\0'\"";
    SyntheticTrace trace = new SyntheticTrace(evil, 1, evil).begin(evil);
    trace.message(evil, evil, evil, evil, -1, 1 << 30, evil, evil, -3, 9);
    trace.cycle(1, 1, evil, Float.POSITIVE_INFINITY);
    String json =
        new com.google.gson.Gson().toJson(TraceJson.of(SyntheticTrace.view(trace.events())));
    assertFalse(json.contains("<"), "markup is escaped as JSON allows");
    assertFalse(json.contains("\n"));
    JsonObject back = JsonParser.parseString(json).getAsJsonObject();
    assertEquals(evil, back.getAsJsonObject("job").get("id").getAsString());
    assertEquals(evil, back.getAsJsonObject("board").get("puzzle").getAsString());
    assertFalse(back.getAsJsonObject("board").has("kind"));
    assertFalse(
        back.getAsJsonArray("cycles").get(0).getAsJsonObject().has("z_h_residual"),
        "JSON has no infinity");
  }

  @Test
  void corruptEvents_areShownAsFarAsTheyGo() {
    List<TraceEvent> events = new ArrayList<>();
    events.add(TraceEvent.getDefaultInstance());
    events.add(TraceEvent.newBuilder().setSequence(Integer.MAX_VALUE).build());
    events.add(TraceEvent.newBuilder().setSequence(-5).setCause(-7).build());
    events.add(
        TraceEvent.newBuilder()
            .setSequence(3)
            .setCause(3)
            .setMessage(Message.newBuilder().setStepValue(77).setType("Unheard"))
            .build());
    events.add(
        TraceEvent.newBuilder()
            .setSequence(4)
            .setAt(com.google.protobuf.Timestamp.newBuilder().setSeconds(Long.MAX_VALUE))
            .setCycle(Cycle.newBuilder().addTokens(3).addTokens(4))
            .build());
    TraceView trace = SyntheticTrace.view(events);
    JsonObject json = TraceJson.of(trace);
    assertEquals(1, json.getAsJsonArray("messages").size());
    JsonArray tokens =
        json.getAsJsonArray("cycles").get(0).getAsJsonObject().getAsJsonArray("tokens");
    assertEquals(2, tokens.size());
    assertEquals(0, TraceJson.of(SyntheticTrace.view(List.of())).getAsJsonArray("cycles").size());
  }

  @Test
  void manyEvents_takeNoTime() {
    SyntheticTrace trace = new SyntheticTrace("j", 1, SyntheticTrace.PUZZLE).begin("");
    for (int i = 0; i < 4_000; i++) {
      trace.cycle(i + 1, 1, SyntheticTrace.SOLUTION, 1);
    }
    List<TraceEvent> events = trace.events();
    assertEquals(20_005, events.size());
    long begin = System.nanoTime();
    assertEquals(4_000, SyntheticTrace.view(events).cycles().size());
    assertTrue(System.nanoTime() - begin < 10_000_000_000L, "quadratic work would take minutes");
  }
}
