package hrm.model;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What was checked on a GPU, as lines and as JSON. A failure does not end the run. */
final class CudaReport {
  private final JsonArray checks = new JsonArray();
  private final JsonObject root = new JsonObject();
  private int failures;

  void note(String key, String value) {
    root.addProperty(key, value);
    System.out.println(key + ": " + value);
  }

  /** Some checks, of which an exception ends none but these. */
  void attempt(String what, Runnable checks) {
    long begun = System.nanoTime();
    try {
      checks.run();
      note(what + " took", "%.1f s".formatted((System.nanoTime() - begun) / 1e9));
    } catch (RuntimeException | LinkageError e) {
      failed(what, e);
    }
  }

  /** A difference that must be at most so much; NaN is too much. */
  void within(String what, double worst, double tolerance) {
    add(what, worst <= tolerance, "%.3g of %.3g".formatted(worst, tolerance));
  }

  void that(String what, boolean ok, String says) {
    add(what, ok, says);
  }

  void failed(String what, Throwable e) {
    add(what, false, e.toString());
    e.printStackTrace(System.out);
  }

  private void add(String what, boolean ok, String says) {
    JsonObject check = new JsonObject();
    check.addProperty("check", what);
    check.addProperty("ok", ok);
    check.addProperty("says", says);
    checks.add(check);
    if (!ok) {
      failures++;
    }
    System.out.printf("%s %s: %s%n", ok ? "ok  " : "FAIL", what, says);
  }

  int failures() {
    return failures;
  }

  void write(Path file) throws IOException {
    root.addProperty("checked", checks.size());
    root.addProperty("failed", failures);
    root.add("checks", checks);
    Files.writeString(file, new GsonBuilder().setPrettyPrinting().create().toJson(root));
    System.out.printf("%d checks, %d failed%n", checks.size(), failures);
  }
}
