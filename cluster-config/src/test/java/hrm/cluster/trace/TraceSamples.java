package hrm.cluster.trace;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Jobs and traces made up by the trace API's contract (doc/trace-api.md). */
public final class TraceSamples {
  static final String PUZZLE =
      "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79";
  static final String ANSWER =
      "534678912672195348198342567859761423426853791713924856961537284287419635345286179";

  private static final List<String> NODES =
      List.of("akka://hrm@10.0.0.1:2551", "akka://hrm@10.0.0.2:2551", "akka://hrm@10.0.0.3:2551");
  private static final int H_CYCLES = 2;
  private static final int L_CYCLES = 2;
  private static final Instant START = Instant.parse("2026-11-25T12:00:00Z");

  private TraceSamples() {}

  /** Every seventh has failed, every tenth is a second attempt; the first is still running. */
  public static List<JsonObject> jobs(int count) {
    return IntStream.range(0, count)
        .mapToObj(
            i -> {
              JsonObject job = job("job-%05d".formatted(i), i > 0, i % 7 != 3, 1 + i % 16);
              job.addProperty("model", i % 2 == 0 ? "sudoku-9x9" : "sudoku-6x6");
              job.addProperty("node", NODES.get(i % NODES.size()));
              job.addProperty("attempt", i % 10 == 9 ? 2 : 1);
              return job;
            })
        .toList();
  }

  public static JsonObject job(String id, boolean halted, boolean solved, int segments) {
    JsonObject job = new JsonObject();
    job.addProperty("id", id);
    job.addProperty("state", halted ? "halted" : "running");
    job.addProperty("model", "sudoku-9x9");
    job.addProperty("puzzle", "sudoku-9x9");
    job.addProperty("node", NODES.get(0));
    job.addProperty("attempt", 1);
    job.addProperty("segments", segments);
    job.addProperty("events", 10 * segments + (halted ? 3 : 2));
    job.addProperty("solved", halted && solved);
    if (halted) {
      job.addProperty("reason", solved ? "VERIFIED" : "MAX_STEPS");
      job.addProperty("ended", START.plusMillis(20L * segments).toString());
    }
    job.addProperty("started", START.toString());
    job.addProperty("duration_nanos", 20_000_000L * segments + id.hashCode() % 1_000_000);
    return job;
  }

  /**
   * Four messages a segment, and Submit, Admit and Finished. Every tenth cycle's first Think is
   * lost and sent again.
   */
  public static JsonObject trace(JsonObject job, int segments, long seed) {
    return new Thinking(job, segments, new Random(seed)).trace(false);
  }

  /**
   * As {@link #trace}, but its first planner is lost after half of the segments: a second one
   * begins from the start, under almost the same numbers. Four events behind its admission are
   * missing.
   */
  public static JsonObject handedOver(JsonObject job, int segments, long seed) {
    return new Thinking(job, segments, new Random(seed)).trace(true);
  }

  private static final class Thinking {
    private final JsonObject job;
    private final int segments;
    private final Random random;
    private final JsonArray cycles = new JsonArray();
    private final JsonArray messages = new JsonArray();
    private int sequence;
    private int order; // over both planners
    private int hand = 1;
    private String board = PUZZLE.replace('.', '1');

    Thinking(JsonObject job, int segments, Random random) {
      this.job = job;
      this.segments = segments;
      this.random = random;
    }

    public JsonObject trace(boolean handedOver) {
      String dispatcher = NODES.get(2) + "/user/dispatcher";
      String planner = NODES.get(0) + "/user/planner-0";
      message("Submit", NODES.get(2) + "/user/jobs", dispatcher, 0, 0);
      message("Admit", dispatcher, planner, 0, 0);
      JsonArray gaps = new JsonArray();
      if (handedOver) {
        for (int index = 0; index < segments / 2 * H_CYCLES; index++) {
          cycle(index, planner);
        }
        hand = 2;
        sequence = 5; // it had acknowledged nothing
        planner = NODES.get(1) + "/user/planner-1";
        message("Admit", dispatcher, planner, 0, 0);
        gaps.add(array(List.of(sequence, sequence + 3, hand, order)));
        sequence += 4;
        order++;
      }
      for (int index = 0; index < segments * H_CYCLES; index++) {
        cycle(index, planner);
      }
      if ("halted".equals(job.get("state").getAsString())) {
        message("Finished", planner, dispatcher, 0, 0);
      }
      JsonObject trace = new JsonObject();
      trace.add("job", job);
      trace.add("attempts", array(List.of(1)));
      trace.addProperty("attempt", 1);
      trace.addProperty("truncated", false);
      trace.add("gaps", gaps);
      trace.add("board", puzzle());
      trace.addProperty("h_cycles", H_CYCLES);
      trace.addProperty("l_cycles", L_CYCLES);
      trace.add("cycles", cycles);
      trace.add("messages", messages);
      JsonObject convergence = new JsonObject();
      convergence.addProperty("mark", job.get("solved").getAsBoolean() ? "settled" : "thinking");
      convergence.addProperty("decided_cycle", segments * H_CYCLES * 2 / 3);
      convergence.addProperty("flips", 2);
      trace.add("convergence", convergence);
      return trace;
    }

    private void cycle(int index, String planner) {
      int segment = 1 + index / H_CYCLES;
      int cycle = 1 + index % H_CYCLES;
      String worker = NODES.get(index % 2) + "/user/worker-" + index % 2;
      if (index % 10 == 5) {
        JsonObject lost = message("Think", planner, worker, segment, cycle);
        lost.addProperty("lost", true);
        lost.remove("received_sequence");
        lost.remove("received_order");
        lost.remove("received");
      }
      message("Think", planner, worker, segment, cycle)
          .addProperty("retry", index % 10 == 5 ? 1 : 0);
      message("Thought", worker, planner, segment, cycle);
      String next = board(index);
      JsonObject c = new JsonObject();
      c.addProperty("index", cycles.size());
      c.addProperty("segment", segment);
      c.addProperty("cycle", cycle);
      c.addProperty("sequence", sequence++);
      c.addProperty("order", order++);
      c.addProperty("hand", hand);
      c.addProperty("worker", worker);
      c.addProperty("worker_node", NODES.get(index % 2));
      c.addProperty("planner_node", NODES.get(0));
      double size =
          40 * Math.exp(-6.0 * index / (segments * H_CYCLES)) + random.nextDouble() * 0.05;
      c.add("z_l_residuals", array(List.of(2 * size, 0.5 * size)));
      c.addProperty("z_h_residual", size);
      c.addProperty("worker_nanos", 9_000_000 + random.nextInt(1_000_000));
      c.addProperty("planner_nanos", 4_500_000 + random.nextInt(1_000_000));
      c.addProperty("board", next);
      c.add("confidence", array(random.doubles(81, 0.3, 1).boxed().toList()));
      c.add("changed", array(differing(board, next)));
      c.add("conflicts", array(differing(next, ANSWER)));
      if (cycle == H_CYCLES) {
        c.addProperty("q_halt", -3 + 6.0 * index / (segments * H_CYCLES));
        c.addProperty("q_continue", 2 - 4.0 * index / (segments * H_CYCLES));
        c.addProperty("solved", next.equals(ANSWER));
      }
      board = next;
      cycles.add(c);
    }

    /** More and more of the answer, one guess in between. */
    private String board(int index) {
      int known = 81 * index / Math.max(1, segments * H_CYCLES * 2 / 3);
      StringBuilder text = new StringBuilder(ANSWER);
      for (int i = known; i < 81; i++) {
        if (PUZZLE.charAt(i) == '.') {
          text.setCharAt(i, (char) ('1' + random.nextInt(9)));
        }
      }
      return text.toString();
    }

    private JsonObject message(String type, String from, String to, int segment, int cycle) {
      JsonObject m = new JsonObject();
      m.addProperty("id", type + "-" + hand + "." + sequence);
      m.addProperty("type", type);
      m.addProperty("sender", from);
      m.addProperty("receiver", to);
      m.addProperty("sender_node", from.replaceFirst("/user/.*", ""));
      m.addProperty("receiver_node", to.replaceFirst("/user/.*", ""));
      if (sequence > 0) {
        m.addProperty("cause", sequence - 1);
        m.addProperty("cause_order", order - 1);
      }
      m.addProperty("sequence", sequence++);
      m.addProperty("order", order++);
      m.addProperty("received_sequence", sequence++);
      m.addProperty("received_order", order++);
      m.addProperty("hand", hand);
      m.addProperty("segment", segment);
      m.addProperty("cycle", cycle);
      m.addProperty("sent", START.plusMillis(sequence).toString());
      m.addProperty("received", START.plusMillis(sequence + 1).toString());
      m.addProperty("bytes", 41_472);
      m.addProperty("mailbox_nanos", random.nextInt(900_000));
      m.addProperty("compute_nanos", 4_000_000 + random.nextInt(4_000_000));
      m.addProperty("serialise_nanos", random.nextInt(90_000));
      m.addProperty("network_nanos", random.nextInt(500_000));
      m.addProperty("critical", true);
      JsonObject tensor = new JsonObject();
      tensor.addProperty("name", "zL");
      tensor.add("shape", array(List.of(81, 128)));
      tensor.addProperty("dtype", "float32");
      tensor.addProperty("norm", 41.2);
      tensor.addProperty("hash", "9f3c77a0b1e2d4c5");
      JsonArray tensors = new JsonArray();
      tensors.add(tensor);
      m.add("tensors", tensors);
      messages.add(m);
      return m;
    }

    private static JsonObject puzzle() {
      JsonObject board = new JsonObject();
      board.addProperty("kind", "sudoku-9x9");
      board.addProperty("rows", 9);
      board.addProperty("columns", 9);
      board.addProperty("box_rows", 3);
      board.addProperty("box_columns", 3);
      board.addProperty("puzzle", PUZZLE);
      return board;
    }

    private static List<Integer> differing(String a, String b) {
      List<Integer> cells = new ArrayList<>();
      for (int i = 0; i < a.length(); i++) {
        if (a.charAt(i) != b.charAt(i)) {
          cells.add(i);
        }
      }
      return cells;
    }
  }

  private static JsonArray array(List<? extends Number> values) {
    JsonArray array = new JsonArray();
    values.forEach(value -> array.add(new JsonPrimitive(value)));
    return array;
  }
}
