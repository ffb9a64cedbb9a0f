package hrm.cluster.jobs;

import com.google.gson.JsonObject;
import com.google.protobuf.Duration;
import hrm.cluster.cli.Json;
import hrm.proto.JobFailure;
import hrm.proto.PuzzleResult;

/** Answers, dead letters and what came of a run, as the commands print them for programs. */
public final class JobJson {
  private JobJson() {}

  public static JsonObject of(PuzzleResult result) {
    JsonObject json = new JsonObject();
    json.addProperty("job_id", result.getJobId());
    json.addProperty("solved", result.getSolved());
    json.addProperty("segments", result.getSegments());
    json.addProperty("text", result.getText());
    json.addProperty("puzzle", result.getPuzzle());
    json.addProperty("halt_reason", Json.name(result.getHaltReason().name(), "HALTED_"));
    json.addProperty("q_halt", finite(result.getQHalt()));
    json.addProperty("q_continue", finite(result.getQContinue()));
    json.addProperty("model", result.getModel());
    json.addProperty("model_sha256", result.getModelSha256());
    json.addProperty("node", result.getNode());
    json.addProperty("attempt", result.getAttempt());
    json.addProperty("waiting_ms", millis(result.getTimings().getWaiting()));
    json.addProperty("thinking_ms", millis(result.getTimings().getThinking()));
    return json;
  }

  public static JsonObject of(JobFailure failure) {
    JsonObject json = new JsonObject();
    json.addProperty("job_id", failure.getJobId());
    json.addProperty("dead_letter", true);
    json.addProperty("cause", Json.name(failure.getCause().name(), ""));
    json.addProperty("field", failure.getField());
    json.addProperty("message", failure.getMessage());
    json.addProperty("node", failure.getNode());
    json.addProperty("attempt", failure.getAttempt());
    return json;
  }

  public static JsonObject of(Delivery delivery) {
    JsonObject json = new JsonObject();
    json.addProperty("jobs", delivery.jobs());
    json.addProperty("results", delivery.results());
    json.addProperty("duplicates", delivery.duplicates());
    json.addProperty("solved", delivery.solved());
    json.addProperty("dead_lettered", delivery.deadLettered());
    return json;
  }

  private static Number finite(float value) {
    return Float.isFinite(value) ? value : null;
  }

  private static double millis(Duration duration) {
    return Json.rounded(duration.getSeconds() * 1e3 + duration.getNanos() / 1e6, 3);
  }
}
