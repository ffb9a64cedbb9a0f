package hrm.cluster.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;

/** What the commands print for programs: one object a line. */
public final class Json {
  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

  private Json() {}

  public static void print(JsonObject json) {
    System.out.println(GSON.toJson(json));
  }

  /** With its line end. */
  public static String line(JsonObject json) {
    return GSON.toJson(json) + "\n";
  }

  /** "max-steps" for HALTED_MAX_STEPS: as it is written on the command line. */
  public static String name(String constant, String prefix) {
    String rest = constant.startsWith(prefix) ? constant.substring(prefix.length()) : constant;
    return rest.toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }

  /** To so many digits after the point. */
  public static double rounded(double value, int digits) {
    double scale = Math.pow(10, digits);
    return Math.rint(value * scale) / scale;
  }
}
