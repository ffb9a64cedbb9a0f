package hrm.model.learn;

import static hrm.model.learn.LineChart.escape;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import hrm.model.learn.LineChart.Axis;
import hrm.model.learn.LineChart.Line;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/** A training log as one HTML page that needs nothing else: curves, evaluations, settings. */
public final class TrainingReport {
  /** Its name in a run's folder. */
  public static final String FILE = "report.html";

  private static final int MOST_LINES = 6; // colours of the style sheet's ramp

  private final String name;
  private final TrainingLog.Contents log;

  private TrainingReport(String name, TrainingLog.Contents log) {
    this.name = name;
    this.log = log;
  }

  /** Writes the page of a log, all of it or none. */
  public static void write(Path log, Path page) throws IOException {
    Path folder = log.toAbsolutePath().normalize().getParent();
    String html = html(folder.getFileName().toString(), TrainingLog.read(log));
    Path writing = page.resolveSibling(page.getFileName() + ".writing");
    Files.write(writing, html.getBytes(StandardCharsets.UTF_8));
    Files.move(writing, page, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  static String html(String name, TrainingLog.Contents log) {
    return new TrainingReport(name, log).page();
  }

  private String page() {
    return """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>%s: training</title>
        <style>
        %s</style>
        </head>
        <body>
        <main>
        <header><h1>%s</h1><p>%s</p></header>
        <section class="tiles" aria-label="Where the run stands">
        %s</section>
        <section class="charts" aria-label="Curves">
        %s</section>
        %s
        </main>
        <script>
        %s</script>
        </body>
        </html>
        """
        .formatted(
            escape(name),
            resource("report.css"),
            escape(name),
            escape(subtitle()),
            tiles(),
            charts(),
            tables(),
            resource("report.js"));
  }

  private JsonObject run() {
    return log.runs().get(log.runs().size() - 1);
  }

  private static JsonObject object(JsonObject parent, String key) {
    return parent.has(key) && parent.get(key).isJsonObject()
        ? parent.getAsJsonObject(key)
        : new JsonObject();
  }

  private JsonObject arch() {
    return object(object(run(), "settings"), "arch");
  }

  private JsonObject train() {
    return object(object(run(), "settings"), "train");
  }

  private String subtitle() {
    List<String> parts = new ArrayList<>();
    for (String part :
        new String[] {text(arch(), "puzzle"), text(train(), "data"), text(run(), "machine")}) {
      if (!part.isEmpty()) {
        parts.add(part);
      }
    }
    return String.join(" · ", parts);
  }

  private static String text(JsonObject object, String key) {
    JsonElement value = object.get(key);
    return value == null || value.isJsonNull()
        ? ""
        : value.isJsonPrimitive() ? value.getAsString() : value.toString();
  }

  private static double number(JsonObject object, String key) {
    JsonElement value = object.get(key);
    return value == null || value.isJsonNull() ? Double.NaN : value.getAsDouble();
  }

  // ---- where it stands

  private String tiles() {
    StringBuilder tiles = new StringBuilder();
    if (!log.progress().isEmpty()) {
      JsonObject last = log.progress().get(log.progress().size() - 1);
      double steps = number(train(), "steps");
      tiles.append(
          tile(
              "step",
              Scale.text(number(last, "step")),
              Double.isNaN(steps) ? "" : "of " + Scale.text(steps)));
      tiles.append(tile("time", duration(number(last, "seconds")), sittings()));
      tiles.append(tile("loss", Scale.text(number(last, "loss")), "mean a sample"));
      tiles.append(
          tile(
              "speed",
              Scale.text(Math.rint(10 * number(last, "samples_per_second")) / 10),
              "samples/s"));
    }
    for (String set : sets()) {
      JsonObject best = best(set);
      double[] exact = exact(best);
      tiles.append(
          tile(
              setName(set),
              percent(exact[exact.length - 1]),
              "exact at best, step " + Scale.text(number(best, "step"))));
    }
    return tiles.toString();
  }

  private static String tile(String label, String value, String note) {
    return "<div><span>%s</span><strong>%s</strong><small>%s</small></div>\n"
        .formatted(escape(label), escape(value), escape(note));
  }

  private String sittings() {
    return log.runs().size() == 1 ? "in one sitting" : "in " + log.runs().size() + " sittings";
  }

  private static String duration(double seconds) {
    long minutes = Math.round(seconds / 60);
    return minutes >= 60
        ? "%d h %02d min".formatted(minutes / 60, minutes % 60)
        : minutes >= 1 ? minutes + " min" : Math.round(seconds) + " s";
  }

  private static String percent(double share) {
    return Double.isNaN(share) ? "–" : String.format(Locale.ROOT, "%.1f%%", 100 * share);
  }

  private List<String> sets() {
    return log.evaluations().stream()
        .filter(e -> exact(e).length > 0)
        .map(e -> text(e, "set"))
        .distinct()
        .toList();
  }

  private List<JsonObject> evaluations(String set) {
    return log.evaluations().stream()
        .filter(e -> text(e, "set").equals(set) && exact(e).length > 0)
        .toList();
  }

  /** The first of the best. */
  private JsonObject best(String set) {
    JsonObject best = null;
    for (JsonObject e : evaluations(set)) {
      double[] exact = exact(e);
      double[] before = best == null ? null : exact(best);
      if (best == null || exact[exact.length - 1] > before[before.length - 1]) {
        best = e;
      }
    }
    return best;
  }

  private static String setName(String set) {
    return set.equals("held_out") ? "held out" : set;
  }

  private static double[] exact(JsonObject evaluation) {
    if (!evaluation.has("exact_by_segment") || !evaluation.get("exact_by_segment").isJsonArray()) {
      return new double[0];
    }
    List<Double> exact = new ArrayList<>();
    for (JsonElement share : evaluation.getAsJsonArray("exact_by_segment")) {
      exact.add(share.isJsonNull() ? Double.NaN : share.getAsDouble());
    }
    return exact.stream().mapToDouble(Double::doubleValue).toArray();
  }

  // ---- curves

  private String charts() {
    List<LineChart> charts = new ArrayList<>();
    charts.add(
        training(
            "Loss in training (logarithmic)",
            Axis.LOG,
            Map.entry("all", "loss"),
            Map.entry("answer", "lm_loss"),
            Map.entry("halting", "q_halt_loss")));
    charts.add(
        training(
            "Accuracy in training",
            Axis.SHARE,
            Map.entry("cells", "cell_accuracy"),
            Map.entry("exact", "exact_accuracy")));
    sets().forEach(set -> charts.add(bySegment(set)));
    charts.add(
        training("Segments a sample, mean", Axis.LINEAR, Map.entry("segments", "mean_segments")));
    charts.add(
        training("Speed, samples/s", Axis.LINEAR, Map.entry("samples/s", "samples_per_second")));
    charts.add(training("Learning rate", Axis.LINEAR, Map.entry("rate", "lr")));
    StringBuilder html = new StringBuilder();
    for (int i = 0; i < charts.size(); i++) {
      html.append(charts.get(i).html("chart" + i));
    }
    return html.toString();
  }

  @SafeVarargs
  private LineChart training(String title, Axis axis, Map.Entry<String, String>... lines) {
    return new LineChart(
        title,
        axis,
        "kinds",
        numbers(log.progress(), "step"),
        java.util.Arrays.stream(lines)
            .map(line -> new Line(line.getKey(), numbers(log.progress(), line.getValue())))
            .toList(),
        resumed());
  }

  private static double[] numbers(List<JsonObject> lines, String key) {
    return lines.stream().mapToDouble(line -> number(line, key)).toArray();
  }

  private List<Double> resumed() {
    return log.runs().stream().map(run -> number(run, "step")).filter(step -> step > 0).toList();
  }

  private LineChart bySegment(String set) {
    List<JsonObject> evaluations = evaluations(set);
    List<Line> lines = new ArrayList<>();
    for (int segment : shown(evaluations)) {
      lines.add(
          new Line(
              segment == 1 ? "1 segment" : Integer.toString(segment),
              evaluations.stream().mapToDouble(e -> after(e, segment)).toArray()));
    }
    return new LineChart(
        "Exact on the " + setName(set) + " set, after so many segments",
        Axis.SHARE,
        "ramp r" + lines.size(),
        numbers(evaluations, "step"),
        lines,
        resumed());
  }

  private static double after(JsonObject evaluation, int segment) {
    double[] exact = exact(evaluation);
    return segment <= exact.length ? exact[segment - 1] : Double.NaN;
  }

  /** Powers of two and the last, the largest of them. */
  private static int[] shown(List<JsonObject> evaluations) {
    int last = evaluations.stream().mapToInt(e -> exact(e).length).max().orElse(0);
    int[] all =
        IntStream.rangeClosed(1, last).filter(s -> Integer.bitCount(s) == 1 || s == last).toArray();
    return IntStream.of(all).skip(Math.max(0, all.length - MOST_LINES)).toArray();
  }

  // ---- tables

  private String tables() {
    StringBuilder html = new StringBuilder();
    for (String set : sets()) {
      html.append(evaluationTable(set));
    }
    html.append("<section class=\"settings\" aria-label=\"Settings\">\n");
    html.append(settingsTable("Training", train()));
    html.append(settingsTable("Architecture", arch()));
    html.append(sittingsTable());
    return html.append("</section>\n").toString();
  }

  private String evaluationTable(String set) {
    List<JsonObject> evaluations = evaluations(set);
    int[] segments = shown(evaluations);
    StringBuilder head = new StringBuilder("<th scope=\"col\">step</th>");
    for (int segment : segments) {
      head.append("<th scope=\"col\">%d seg.</th>".formatted(segment));
    }
    head.append("<th scope=\"col\">cells</th><th scope=\"col\">halting right</th>");
    StringBuilder rows = new StringBuilder();
    JsonObject best = best(set);
    for (JsonObject e : evaluations) {
      rows.append(e == best ? "<tr class=\"best\">" : "<tr>");
      rows.append("<th scope=\"row\">%s</th>".formatted(Scale.text(number(e, "step"))));
      for (int segment : segments) {
        rows.append("<td>%s</td>".formatted(percent(after(e, segment))));
      }
      rows.append("<td>%s</td>".formatted(percent(number(e, "cell_accuracy"))));
      rows.append("<td>%s</td></tr>\n".formatted(percent(number(e, "halting_accuracy"))));
    }
    return """
        <details><summary>Evaluations on the %s set</summary>
        <div class="scroll"><table class="numbers"><thead><tr>%s</tr></thead><tbody>
        %s</tbody></table></div></details>
        """
        .formatted(escape(setName(set)), head, rows);
  }

  private static String settingsTable(String title, JsonObject settings) {
    StringBuilder rows = new StringBuilder();
    for (String key : settings.keySet()) {
      rows.append(
          "<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n"
              .formatted(escape(key), escape(text(settings, key))));
    }
    return rows.isEmpty()
        ? ""
        : "<table><caption>%s</caption><tbody>\n%s</tbody></table>\n"
            .formatted(escape(title), rows);
  }

  private String sittingsTable() {
    StringBuilder rows = new StringBuilder();
    for (JsonObject run : log.runs()) {
      rows.append(
          "<tr><th scope=\"row\">%s</th><td>%s, from step %s</td></tr>\n"
              .formatted(
                  escape(text(run, "started")),
                  escape(text(run, "machine")),
                  Scale.text(number(run, "step"))));
    }
    return "<table><caption>Sittings</caption><tbody>\n%s</tbody></table>\n".formatted(rows);
  }

  private static String resource(String file) {
    try (InputStream in = TrainingReport.class.getResourceAsStream("/hrm/report/" + file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
