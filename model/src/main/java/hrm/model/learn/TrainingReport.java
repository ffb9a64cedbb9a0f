package hrm.model.learn;

import static hrm.model.learn.LineChart.escape;
import static hrm.model.learn.LogLine.number;
import static hrm.model.learn.LogLine.object;
import static hrm.model.learn.LogLine.text;

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
import java.util.Map;

/** A training log as one HTML page that needs nothing else: curves, evaluations, settings. */
public final class TrainingReport {
  /** Its name in a run's folder. */
  public static final String FILE = "report.html";

  private final String name;
  private final TrainingLog.Contents log;
  private final List<EvaluationSet> sets;

  private TrainingReport(String name, TrainingLog.Contents log) {
    this.name = name;
    this.log = log;
    this.sets = EvaluationSet.of(log);
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
            new TrainingTables(log).html(),
            resource("report.js"));
  }

  private JsonObject run() {
    return log.runs().get(log.runs().size() - 1);
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
    for (EvaluationSet set : sets) {
      JsonObject best = set.best();
      tiles.append(
          tile(
              set.name(),
              Scale.percent(EvaluationSet.atEnd(best)),
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
    sets.forEach(set -> charts.add(bySegment(set)));
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

  private LineChart bySegment(EvaluationSet set) {
    List<Line> lines = new ArrayList<>();
    for (int segment : set.shown()) {
      lines.add(
          new Line(
              segment == 1 ? "1 segment" : Integer.toString(segment),
              set.lines().stream().mapToDouble(e -> EvaluationSet.after(e, segment)).toArray()));
    }
    return new LineChart(
        "Exact on the " + set.name() + " set, after so many segments",
        Axis.SHARE,
        "ramp r" + lines.size(),
        numbers(set.lines(), "step"),
        lines,
        resumed());
  }

  private static String resource(String file) {
    try (InputStream in = TrainingReport.class.getResourceAsStream("/hrm/report/" + file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
