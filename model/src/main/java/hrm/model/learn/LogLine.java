package hrm.model.learn;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/** Values of a log's line that may be missing. */
final class LogLine {
  private LogLine() {}

  /** An object, empty where there is none. */
  static JsonObject object(JsonObject parent, String key) {
    JsonElement value = parent.get(key);
    return value != null && value.isJsonObject() ? value.getAsJsonObject() : new JsonObject();
  }

  /** A value as text, empty where there is none. */
  static String text(JsonObject line, String key) {
    JsonElement value = line.get(key);
    return value == null || value.isJsonNull()
        ? ""
        : value.isJsonPrimitive() ? value.getAsString() : value.toString();
  }

  /** NaN where there is none. */
  static double number(JsonObject line, String key) {
    return number(line.get(key));
  }

  static double number(JsonElement value) {
    return value == null || value.isJsonNull() ? Double.NaN : value.getAsDouble();
  }
}
