package hrm.cluster;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.protobuf.Duration;
import hrm.proto.JobFailure;
import hrm.proto.PuzzleResult;

/** What the commands print for programs: one object a line. */
final class Json {
  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

  private Json() {}

  static JsonObject of(PuzzleResult result) {
    JsonObject json = new JsonObject();
    json.addProperty("job_id", result.getJobId());
    json.addProperty("solved", result.getSolved());
    json.addProperty("segments", result.getSegments());
    json.addProperty("text", result.getText());
    json.addProperty("puzzle", result.getPuzzle());
    json.addProperty("halt_reason", name(result.getHaltReason().name(), "HALTED_"));
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

  static JsonObject of(JobFailure failure) {
    JsonObject json = new JsonObject();
    json.addProperty("job_id", failure.getJobId());
    json.addProperty("dead_letter", true);
    json.addProperty("cause", name(failure.getCause().name(), ""));
    json.addProperty("field", failure.getField());
    json.addProperty("message", failure.getMessage());
    json.addProperty("node", failure.getNode());
    json.addProperty("attempt", failure.getAttempt());
    return json;
  }

  static JsonObject of(Delivery delivery) {
    JsonObject json = new JsonObject();
    json.addProperty("jobs", delivery.jobs());
    json.addProperty("results", delivery.results());
    json.addProperty("duplicates", delivery.duplicates());
    json.addProperty("solved", delivery.solved());
    json.addProperty("dead_lettered", delivery.deadLettered());
    return json;
  }

  static void print(JsonObject json) {
    System.out.println(GSON.toJson(json));
  }

  /** With its line end. */
  static String line(JsonObject json) {
    return GSON.toJson(json) + "\n";
  }

  /** "max-steps" for HALTED_MAX_STEPS: as it is written on the command line. */
  static String name(String constant, String prefix) {
    String rest = constant.startsWith(prefix) ? constant.substring(prefix.length()) : constant;
    return rest.toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  /** To so many digits after the point. */
  static double rounded(double value, int digits) {
    double scale = Math.pow(10, digits);
    return Math.rint(value * scale) / scale;
  }

  private static Number finite(float value) {
    return Float.isFinite(value) ? value : null;
  }

  private static double millis(Duration duration) {
    return rounded(duration.getSeconds() * 1e3 + duration.getNanos() / 1e6, 3);
  }
}
