package hrm.cluster.trace.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import hrm.cluster.Main;
import hrm.cluster.cli.Colours;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.Eventually;
import hrm.cluster.cli.Printed;
import hrm.cluster.trace.SyntheticTrace;
import hrm.gateway.JobSummary.State;
import hrm.proto.TraceEvent;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TraceCommandTest {
  private final SyntheticTrace.Memory traces =
      new SyntheticTrace.Memory()
          .put("a", SyntheticTrace.solved("a").events(), State.HALTED)
          .put("b", SyntheticTrace.solved("b").events(), State.HALTED);

  @RegisterExtension final Printed err = Printed.onStderr();

  @TempDir Path folder;

  private String show(boolean colours, String... args) throws Exception {
    return show(new TraceCommand(), colours, args);
  }

  private String show(TraceCommand command, boolean colours, String... args) throws Exception {
    new CommandLine(command).parseArgs(args);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    command.show(
        traces,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new TraceText(new Colours(colours)));
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void job_hasResidualsBoardsAndMessages() throws Exception {
    String text = show(false, "a");
    assertTrue(text.contains("z_H █▇▄▁ per step"), text);
    assertTrue(text.contains("z_L █▁█▁█▁█▁ per tick"), text);
    assertTrue(text.contains("puzzle"), text);
    assertTrue(text.contains("+3"), "a changed cell: " + text);
    assertTrue(text.contains("!1"), "a cell in conflict: " + text);
    assertTrue(text.contains("crew-m/planner:1") && text.contains("crew-m/worker-1:2"), text);
    assertTrue(text.contains("settled, decided at cycle 3"), text);
    assertFalse(text.contains("\033"), "no colours but on a terminal");
    assertTrue(show(true, "a").contains("\033[32m"));
  }

  @Test
  void earlierRunAndAnotherPlannersGap_areSaid() throws Exception {
    SyntheticTrace first = new SyntheticTrace("r", 1, SyntheticTrace.PUZZLE).run(7, "a", 0);
    SyntheticTrace last = new SyntheticTrace("r", 1, SyntheticTrace.PUZZLE).run(8, "b", 9_000);
    last.begin("").handover().cycle(1, 1, SyntheticTrace.SOLUTION, 1).halted(1, true);
    List<TraceEvent> events = new ArrayList<>(first.begin("").events());
    last.events().stream()
        .filter(event -> event.getHand() != 2 || event.getSequence() != 7)
        .forEach(events::add);
    traces.put("r", events, State.HALTED);
    String text = show(false, "r");
    assertTrue(text.contains("was run 2 times"), text);
    assertTrue(text.contains("events 7 of planner 2 are missing"), text);
    assertFalse(show(false, "a").contains("was run"));
  }

  @Test
  void tick_isShownWithItsCycle() throws Exception {
    String text = show(false, "a", "--tick", "3");
    assertTrue(text.contains("tick 3 of 8: segment 1, cycle 2, tick 1 of 2"), text);
    assertTrue(text.contains("q_halt -1.000"), text);
    assertTrue(text.contains("Thought") && !text.contains("Submit"), text);
    assertThrows(CommandException.class, () -> show(false, "a", "--tick", "9"));
    assertThrows(CommandException.class, () -> show(false, "a", "--tick", "0"));
  }

  @Test
  void hostileIdsAndPuzzles_areShownEscaped() throws Exception {
    String evil = "\u001b[2J\u202e<b>\n";
    traces.put(
        evil,
        new SyntheticTrace(evil, 1, "\u001b[31m" + "1".repeat(11))
            .begin("")
            .cycle(1, 1, "\u001b[31m" + "1".repeat(11), 1)
            .events(),
        State.RUNNING);
    for (String text : List.of(show(false), show(false, evil))) {
      assertFalse(text.contains("\u001b") || text.contains("\u202e"), text);
      assertTrue(text.contains("\\u001b[2J\\u202e<b>\\u000a"), text);
    }
  }

  @Test
  void list_failed_areThoseThatHaltedUnsolved() throws Exception {
    traces.put("running", SyntheticTrace.solved("running").events(), State.RUNNING);
    assertEquals(4, show(false).lines().count());
    assertEquals("", show(false, "--failed"));
    assertEquals(2, show(false, "--limit", "1").lines().count());
    JsonObject first =
        JsonParser.parseString(show(false, "--json").lines().findFirst().orElseThrow())
            .getAsJsonObject();
    assertEquals("a", first.get("id").getAsString());
    assertEquals("a", first.get("job_id").getAsString());
  }

  @Test
  void list_ofNone_saysHowToTrace_insteadOfAHead() throws Exception {
    for (String[] none : new String[][] {{"--failed"}, {}}) {
      if (none.length == 0) {
        traces.jobs.clear();
      }
      err.clear();
      assertEquals("", show(false, none));
      String said = err.text();
      assertTrue(said.contains(none.length == 0 ? "no job is traced" : "unsolved"), said);
      assertEquals(none.length == 0, said.contains("HRM_TRACE_SAMPLE"), said);
      assertEquals(none.length == 0, said.contains("hrm submit --trace"), said);
    }
  }

  @Test
  void followedJob_thatNobodyKnowsYet_isSaidToBeAwaited() throws Exception {
    var thread = Executors.newSingleThreadExecutor();
    try {
      Future<String> shown = thread.submit(() -> show(false, "later\n", "--follow"));
      Eventually.holds(() -> !traces.listeners.isEmpty(), () -> "nobody follows the job");
      assertEquals("waiting for a trace of later\\u000a ...\n", err.text());
      traces.put("later\n", SyntheticTrace.solved("later\n").events(), State.HALTED);
      assertTrue(shown.get(20, TimeUnit.SECONDS).contains("Finished"));
    } finally {
      thread.shutdownNow();
    }
  }

  @Test
  void export_goesToStdoutOrAFile() throws Exception {
    Path file = folder.resolve("t.json");
    assertEquals("", show(false, "a", "--export", "perfetto", "--out", file.toString()));
    assertTrue(JsonParser.parseString(Files.readString(file)).isJsonObject());
    assertEquals(
        traces.events.get("a").size(), show(false, "a", "--export", "jsonl").lines().count());
    assertEquals(
        "a",
        JsonParser.parseString(show(false, "a", "--json"))
            .getAsJsonObject()
            .getAsJsonObject("job")
            .get("id")
            .getAsString());
  }

  @Test
  void followedJob_isShownOnceItHasHalted() throws Exception {
    List<TraceEvent> all = SyntheticTrace.solved("live").events();
    traces.put("live", all.subList(0, 10), State.RUNNING);
    var thread = Executors.newSingleThreadExecutor();
    try {
      Future<String> shown = thread.submit(() -> show(false, "live", "--follow"));
      Eventually.holds(() -> !traces.listeners.isEmpty(), () -> "nobody follows the job");
      traces.put("live", all, State.HALTED);
      String text = shown.get(20, TimeUnit.SECONDS);
      assertTrue(text.contains("Finished"), text);
    } finally {
      thread.shutdownNow();
    }
  }

  /** A worker of another node tells of its messages up to 100 ms later than the job's end. */
  @Test
  void followedJob_whoseLastMessagesComeAfterItsEnd_isShownWhole() throws Exception {
    List<TraceEvent> all = SyntheticTrace.solved("late").events();
    List<TraceEvent> early = new ArrayList<>(all);
    early.remove(all.size() - 6);
    traces.put("late", all.subList(0, 10), State.RUNNING);
    TraceCommand command = new TraceCommand();
    command.settling = Duration.ofSeconds(3); // so that this thread is in time
    FutureTask<String> shown = new FutureTask<>(() -> show(command, false, "late", "--follow"));
    Thread thread = new Thread(shown);
    thread.start();
    try {
      Eventually.holds(() -> !traces.listeners.isEmpty(), () -> "nobody follows the job");
      traces.put("late", early, State.HALTED);
      Eventually.holds(
          () -> shown.isDone() || thread.getState() == Thread.State.TIMED_WAITING,
          () -> "it neither waits nor shows: " + thread.getState());
      traces.put("late", all, State.HALTED);
      String text = shown.get(20, TimeUnit.SECONDS);
      assertFalse(text.contains("incomplete"), text);
      assertTrue(text.contains("Finished"), text);
    } finally {
      thread.interrupt();
    }
  }

  @Test
  void unknownJob_andWrongOptions_areRefused() {
    assertThrows(CommandException.class, () -> show(false, "absent"));
    assertThrows(CommandException.class, () -> show(false, "a", "--attempt", "7"));
    assertEquals(2, Main.run("trace", "--export", "jsonl"));
    assertEquals(2, Main.run("trace", "a", "--export", "pdf"));
  }

  private String diff(int expected, String a, String b) {
    TraceDiffCommand command = new TraceDiffCommand();
    new CommandLine(command).parseArgs(a, b);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertEquals(expected, command.show(traces, new PrintStream(out)));
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void diff_namesTheFirstDivergence() {
    assertTrue(diff(0, "a", "b").startsWith("thoughts are the same"));
    SyntheticTrace other = new SyntheticTrace("c", 1, SyntheticTrace.PUZZLE).begin("");
    other.cycle(1, 1, "1214341221434321", 9).cycle(1, 2, "1234341221434321", 4).segment(1, false);
    traces.put("c", other.events(), State.RUNNING);
    String text = diff(1, "a", "c");
    assertTrue(
        text.contains("cycle 1 (segment 1, cycle 2): 1 cells of the board, first cell 16"), text);
    assertTrue(text.contains("messages part at message 7: 11 / 6"), text);
    traces.put("d", new SyntheticTrace("d", 1, "").begin("").events(), State.RUNNING);
    assertTrue(diff(1, "a", "d").contains("different puzzles"));
  }
}
