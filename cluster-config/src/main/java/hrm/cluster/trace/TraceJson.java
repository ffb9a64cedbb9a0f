package hrm.cluster.trace;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import hrm.gateway.JobSummary;
import hrm.proto.Cycle;
import hrm.proto.HaltReason;
import hrm.proto.Message;
import hrm.proto.Tensor;
import hrm.proto.Times;
import hrm.proto.TraceEvent;
import java.util.Collection;

/** Traces as the trace API's JSON: names in snake_case, absent fields left out. */
public final class TraceJson {
  private TraceJson() {}

  /** A JOB. */
  public static JsonObject of(JobSummary job) {
    JsonObject json = new JsonObject();
    json.addProperty("id", job.id());
    json.addProperty("job_id", job.id()); // as results, events and logs name it
    json.addProperty("state", job.state() == JobSummary.State.HALTED ? "halted" : "running");
    text(json, "model", job.model());
    text(json, "puzzle", job.puzzle());
    text(json, "node", job.node());
    json.addProperty("attempt", job.attempt());
    json.addProperty("segments", job.segments());
    json.addProperty("solved", job.solved());
    text(json, "reason", reason(job.reason()));
    json.addProperty("started", job.started().toString());
    job.ended().ifPresent(ended -> json.addProperty("ended", ended.toString()));
    json.addProperty("duration_nanos", nanos(job.duration()));
    json.addProperty("events", job.events());
    json.addProperty("dropped", job.dropped());
    json.addProperty("handovers", job.handovers());
    return json;
  }

  private static long nanos(java.time.Duration duration) {
    try {
      return duration.toNanos();
    } catch (ArithmeticException e) { // over 292 years: a corrupt time
      return Long.MAX_VALUE;
    }
  }

  /** "VERIFIED", or "" for none. */
  public static String reason(HaltReason reason) {
    return reason == HaltReason.HALTED_UNSET || reason == HaltReason.UNRECOGNIZED
        ? ""
        : reason.name().substring("HALTED_".length());
  }

  /** A TRACE. */
  public static JsonObject of(TraceView trace) {
    JsonObject json = new JsonObject();
    json.add("job", of(trace.job()));
    json.add("attempts", array(trace.attempts()));
    json.addProperty("attempt", trace.attempt());
    json.addProperty("runs", trace.runs());
    text(json, "traceparent", trace.traceparent());
    json.addProperty("truncated", trace.truncated());
    JsonArray gaps = new JsonArray();
    for (Gap gap : trace.gaps()) {
      JsonArray ends = new JsonArray();
      ends.add(gap.from());
      ends.add(gap.to());
      ends.add(gap.hand());
      ends.add(trace.places().of(gap));
      gaps.add(ends);
    }
    json.add("gaps", gaps);
    if (!trace.board().puzzle().isEmpty()) {
      json.add("board", of(trace.board()));
    }
    json.addProperty("h_cycles", trace.hCycles());
    json.addProperty("l_cycles", trace.lCycles());
    JsonArray cycles = new JsonArray();
    trace.cycles().forEach(cycle -> cycles.add(of(cycle, trace.places())));
    json.add("cycles", cycles);
    JsonArray messages = new JsonArray();
    trace.messages().forEach(message -> messages.add(of(message, trace.places())));
    json.add("messages", messages);
    Convergence convergence = trace.convergence();
    JsonObject mark = new JsonObject();
    mark.addProperty("mark", convergence.mark().toString());
    convergence.decided().ifPresent(index -> mark.addProperty("decided_cycle", index));
    mark.addProperty("flips", convergence.flips());
    json.add("convergence", mark);
    return json;
  }

  private static JsonObject of(BoardView board) {
    JsonObject json = new JsonObject();
    board.kind().ifPresent(kind -> json.addProperty("kind", kind.name()));
    json.addProperty("rows", board.rows());
    json.addProperty("columns", board.columns());
    board
        .sudoku()
        .ifPresent(
            sudoku -> {
              json.addProperty("box_rows", sudoku.boxRows());
              json.addProperty("box_columns", sudoku.boxColumns());
            });
    json.addProperty("puzzle", board.puzzle());
    return json;
  }

  /** One cycle of a TRACE. */
  private static JsonObject of(CycleView view, Places places) {
    TraceEvent event = view.event();
    Cycle cycle = view.cycle();
    JsonObject json = new JsonObject();
    json.addProperty("index", view.index());
    json.addProperty("segment", cycle.getSegment());
    json.addProperty("cycle", cycle.getCycle());
    json.addProperty("sequence", event.getSequence());
    json.addProperty("order", places.of(event));
    json.addProperty("hand", event.getHand());
    text(json, "worker", cycle.getWorker());
    text(json, "worker_node", MessageView.node(cycle.getWorker(), event.getNode()));
    text(json, "planner_node", event.getNode());
    JsonArray residuals = new JsonArray();
    // A gap keeps the others at their ticks.
    cycle.getZLResidualsList().forEach(r -> residuals.add(Float.isFinite(r) ? r : null));
    json.add("z_l_residuals", residuals);
    number(json, "z_h_residual", cycle.getZHResidual());
    json.addProperty("worker_nanos", cycle.getWorkerNanos());
    json.addProperty("planner_nanos", cycle.getPlannerNanos());
    text(json, "board", cycle.getBoard());
    if (cycle.getTokensCount() > 0) {
      json.add("tokens", array(cycle.getTokensList()));
    }
    if (!cycle.getConfidence().isEmpty()) {
      JsonArray confidence = new JsonArray();
      for (byte share : cycle.getConfidence().toByteArray()) {
        confidence.add(Math.rint((share & 0xff) / 255.0 * 1000) / 1000);
      }
      json.add("confidence", confidence);
    }
    json.add("changed", array(view.changed()));
    json.add("conflicts", array(view.conflicts()));
    view.heads()
        .ifPresent(
            heads -> {
              number(json, "q_halt", heads.getQHalt());
              number(json, "q_continue", heads.getQContinue());
              json.addProperty("solved", heads.getSolved());
            });
    return json;
  }

  private static JsonObject of(MessageView view, Places places) {
    JsonObject json = of(view);
    json.addProperty("order", places.of(view));
    view.received().ifPresent(event -> json.addProperty("received_order", places.of(event)));
    places.cause(view).ifPresent(at -> json.addProperty("cause_order", at));
    return json;
  }

  /** One message of a TRACE, wherever it stands there. */
  static JsonObject of(MessageView view) {
    Message message = view.message();
    JsonObject json = new JsonObject();
    json.addProperty("id", message.getId());
    json.addProperty("type", message.getType());
    text(json, "sender", message.getSender());
    text(json, "receiver", message.getReceiver());
    text(json, "sender_node", view.senderNode());
    text(json, "receiver_node", view.receiverNode());
    json.addProperty("sequence", view.sequence());
    view.cause().ifPresent(cause -> json.addProperty("cause", cause));
    view.receivedSequence().ifPresent(at -> json.addProperty("received_sequence", at));
    json.addProperty("hand", view.event().getHand());
    json.addProperty("segment", message.getSegment());
    json.addProperty("cycle", message.getCycle());
    view.sent().flatMap(Attempt::at).ifPresent(at -> json.addProperty("sent", at.toString()));
    view.received()
        .flatMap(Attempt::at)
        .ifPresent(at -> json.addProperty("received", at.toString()));
    json.addProperty("retry", message.getRetry());
    json.addProperty("late", view.late());
    json.addProperty("lost", view.lost());
    json.addProperty("bytes", view.bytes());
    json.addProperty("mailbox_nanos", view.nanos(Times::getMailboxNanos));
    json.addProperty("compute_nanos", view.nanos(Times::getComputeNanos));
    json.addProperty("serialise_nanos", view.nanos(Times::getSerialiseNanos));
    json.addProperty("deserialise_nanos", view.nanos(Times::getDeserialiseNanos));
    json.addProperty("network_nanos", view.nanos(Times::getNetworkNanos));
    json.addProperty("critical", view.critical());
    JsonArray tensors = new JsonArray();
    view.tensors().forEach(tensor -> tensors.add(of(tensor)));
    json.add("tensors", tensors);
    return json;
  }

  private static JsonObject of(Tensor tensor) {
    JsonObject json = new JsonObject();
    json.addProperty("name", tensor.getName());
    json.add("shape", array(tensor.getShapeList()));
    json.addProperty("dtype", tensor.getDtype());
    number(json, "norm", tensor.getNorm());
    json.addProperty("hash", "%016x".formatted(tensor.getHash()));
    return json;
  }

  private static void text(JsonObject json, String name, String value) {
    if (!value.isEmpty()) {
      json.addProperty(name, value);
    }
  }

  /** JSON has no infinities. */
  private static void number(JsonObject json, String name, float value) {
    if (Float.isFinite(value)) {
      json.addProperty(name, value);
    }
  }

  static JsonArray array(Collection<? extends Number> numbers) {
    JsonArray array = new JsonArray();
    numbers.forEach(array::add);
    return array;
  }
}
