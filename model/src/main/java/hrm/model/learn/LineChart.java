package hrm.model.learn;

import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Lines over training steps, as an HTML figure with an inline SVG. The colours come from the page's
 * style sheet: line i is of class {@code palette} and {@code i}.
 *
 * @param steps ascending
 * @param marks steps at which something happened: dashed lines
 */
record LineChart(
    String title, Axis axis, String palette, double[] steps, List<Line> lines, List<Double> marks) {
  /** How values are spread and written. */
  enum Axis {
    LINEAR,
    LOG,
    SHARE // from 0 to 1, as percentages
  }

  /**
   * @param y a value a step; NaN where there is none
   * @param latest value, as measured
   */
  record Line(String name, double[] y, double latest) {
    Line(String name, double[] y) {
      this(name, y, y.length == 0 ? Double.NaN : y[y.length - 1]);
    }
  }

  private static final int WIDTH = 560;
  private static final int HEIGHT = 280;
  private static final int LEFT = 58;
  private static final int RIGHT = 16;
  private static final int TOP = 12;
  private static final int BOTTOM = 44;
  private static final int MOST_POINTS = 400;
  private static final int MOST_DOTS = 40;

  /** At most {@link #MOST_POINTS} points: means of neighbours. */
  LineChart {
    int size = (steps.length + MOST_POINTS - 1) / MOST_POINTS;
    if (size > 1) {
      double[] all = steps;
      steps = means(all, size);
      lines =
          lines.stream()
              .map(line -> new Line(line.name, means(line.y, size), line.latest))
              .toList();
    }
  }

  private static double[] means(double[] values, int size) {
    double[] means = new double[(values.length + size - 1) / size];
    for (int i = 0; i < means.length; i++) {
      double sum = 0;
      int n = 0;
      for (int j = i * size; j < Math.min(values.length, (i + 1) * size); j++) {
        sum += Double.isNaN(values[j]) ? 0 : values[j];
        n += Double.isNaN(values[j]) ? 0 : 1;
      }
      means[i] = n == 0 ? Double.NaN : sum / n;
    }
    return means;
  }

  String html(String id) {
    if (steps.length == 0) {
      return "";
    }
    Scale across = Scale.linear(Math.min(0, steps[0]), steps[steps.length - 1]);
    Scale up = up();
    StringBuilder svg = new StringBuilder();
    for (double value : up.values()) {
      double y = y(up, value);
      svg.append(f("<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, y, WIDTH - RIGHT));
      svg.append(
          f("<text x=\"%d\" y=\"%.1f\" class=\"up\">%s</text>", LEFT - 8, y + 4, text(value)));
    }
    for (double value : across.values()) {
      double x = x(across, value);
      svg.append(f("<path class=\"tick\" d=\"M%.1f %dv5\"/>", x, HEIGHT - BOTTOM));
      svg.append(
          f(
              "<text x=\"%.1f\" y=\"%d\" class=\"across\">%s</text>",
              x, HEIGHT - BOTTOM + 20, Scale.text(value)));
    }
    svg.append(f("<path class=\"axis\" d=\"M%d %dH%d\"/>", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT));
    svg.append(f("<text x=\"%d\" y=\"%d\" class=\"unit\">step</text>", WIDTH - RIGHT, HEIGHT - 6));
    for (double mark : marks) {
      svg.append(
          f(
              "<path class=\"mark\" d=\"M%.1f %dV%d\"><title>resumed after step %s</title></path>",
              x(across, mark), TOP, HEIGHT - BOTTOM, Scale.text(mark)));
    }
    for (int i = 0; i < lines.size(); i++) {
      svg.append(line(i, across, up));
    }
    return """
        <figure class="%s">
        <figcaption id="%s-t">%s</figcaption>
        <div class="legend">%s</div>
        <div class="plot"><svg viewBox="0 0 %d %d" role="img" tabindex="0" aria-labelledby="%s-t %s-d" data-chart="%s">
        <desc id="%s-d">%s</desc>
        %s<path class="cursor" d=""/></svg><div class="tip" role="status"></div></div>
        </figure>
        """
        .formatted(
            palette,
            id,
            escape(title),
            legend(),
            WIDTH,
            HEIGHT,
            id,
            id,
            escape(data(across)),
            id,
            escape(description()),
            svg);
  }

  private Scale up() {
    if (axis == Axis.SHARE) {
      return Scale.linear(0, 1);
    }
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Line line : lines) {
      for (double value : line.y) {
        if (shown(value)) {
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
    }
    if (low > high) { // nothing to show
      return Scale.linear(0, 1);
    }
    return axis == Axis.LOG ? Scale.log(low, high) : Scale.linear(0, high);
  }

  private boolean shown(double value) {
    return Double.isFinite(value) && (axis != Axis.LOG || value > 0);
  }

  private static double x(Scale across, double step) {
    return LEFT + across.share(step) * (WIDTH - LEFT - RIGHT);
  }

  private static double y(Scale up, double value) {
    return HEIGHT - BOTTOM - up.share(value) * (HEIGHT - TOP - BOTTOM);
  }

  private String line(int i, Scale across, Scale up) {
    StringBuilder path = new StringBuilder();
    StringBuilder dots = new StringBuilder();
    char pen = 'M';
    double[] values = lines.get(i).y;
    for (int k = 0; k < values.length; k++) {
      if (shown(values[k])) {
        double x = x(across, steps[k]);
        double y = y(up, values[k]);
        path.append(f("%c%.1f %.1f", pen, x, y));
        pen = 'L';
        if (values.length <= MOST_DOTS) {
          dots.append(f("<circle class=\"dot s%d\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>", i, x, y));
        }
      } else {
        pen = 'M';
      }
    }
    return f("<path class=\"line s%d\" d=\"%s\"/>%s\n", i, path, dots);
  }

  private String legend() {
    List<String> entries = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      entries.add(
          f(
              "<span><i class=\"s%d\"></i>%s <b>%s</b></span>",
              i, escape(lines.get(i).name), text(lines.get(i).latest)));
    }
    return String.join("\n", entries);
  }

  /** What a reader without the picture gets. */
  private String description() {
    return lines.stream()
        .map(line -> line.name + " " + text(line.y[0]) + " to " + text(line.latest))
        .collect(
            Collectors.joining(
                "; ",
                f("Steps %s to %s: ", Scale.text(steps[0]), Scale.text(steps[steps.length - 1])),
                ""));
  }

  /** For the page's script: where each step lies, in SVG units, and what to say there. */
  private String data(Scale across) {
    JsonObject data = new JsonObject();
    data.addProperty("top", TOP);
    data.addProperty("bottom", HEIGHT - BOTTOM);
    JsonArray x = new JsonArray();
    JsonArray labels = new JsonArray();
    for (double step : steps) {
      x.add(Math.round(x(across, step) * 10) / 10.0);
      labels.add(Scale.text(Math.rint(step)));
    }
    data.add("x", x);
    data.add("steps", labels);
    JsonArray series = new JsonArray();
    for (Line line : lines) {
      JsonObject one = new JsonObject();
      one.addProperty("name", line.name);
      JsonArray texts = new JsonArray();
      for (double value : line.y) {
        texts.add(text(value));
      }
      one.add("values", texts);
      series.add(one);
    }
    data.add("lines", series);
    return new Gson().toJson(data);
  }

  private String text(double value) {
    if (!Double.isFinite(value)) {
      return "–";
    }
    return axis == Axis.SHARE ? Scale.text(Math.rint(value * 1e4) / 100) + "%" : Scale.text(value);
  }

  private static String f(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  /** Text as it may stand in HTML, attributes included. */
  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
