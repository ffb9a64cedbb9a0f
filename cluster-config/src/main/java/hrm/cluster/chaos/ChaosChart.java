package hrm.cluster.chaos;

import hrm.cluster.chaos.Timeline.Mark;
import java.util.List;
import java.util.Locale;

/** A run of chaos as an SVG drawing: what every part was when, and the answers a second below. */
final class ChaosChart {
  private static final int LEFT = 110;
  private static final int WIDTH = 1000;
  private static final int ROW = 30;
  private static final int CURVE = 120;

  private final double seconds;
  private final StringBuilder svg = new StringBuilder();

  private ChaosChart(double seconds) {
    this.seconds = seconds;
  }

  /**
   * @param parts a row each
   * @param answers when each came
   */
  static String of(double seconds, List<String> parts, List<Mark> marks, List<Double> answers) {
    ChaosChart chart = new ChaosChart(Math.max(1, seconds));
    int rows = parts.size() * ROW + 10;
    chart.axis(rows + CURVE);
    for (int i = 0; i < parts.size(); i++) {
      chart.row(i * ROW, parts.get(i), marks);
    }
    chart.curve(rows, answers);
    return format(
        "<svg viewBox='0 0 %d %d' role='img' aria-label='Timeline; the table below says the"
            + " same'>%n%s</svg>%n",
        LEFT + WIDTH + 30, rows + CURVE + 24, chart.svg);
  }

  private double x(double at) {
    return LEFT + WIDTH * at / seconds;
  }

  private void row(int y, String part, List<Mark> marks) {
    text(0, y + 16, part);
    for (Spell spell : Spell.of(part, marks, seconds)) {
      bar(spell, y);
    }
    for (Mark mark : marks) {
      if (mark.part().equals(part) && mark.isLoss()) {
        svg.append(
            format(
                "<circle class='%s' cx='%.1f' cy='%d' r='4'><title>%.1f s: %s</title></circle>%n",
                name(mark.what()), x(mark.at()), y + 12, mark.at(), escaped(mark.text())));
      }
    }
  }

  /** Cuts lie below what the part is itself. */
  private void bar(Spell spell, int y) {
    boolean cut = spell.state() == Spell.State.CUT;
    svg.append(
        format(
            "<rect class='%s' x='%.1f' y='%d' width='%.1f' height='%d'><title>%s, %.1f to %.1f"
                + " s</title></rect>%n",
            name(spell.state()),
            x(spell.from()),
            y + (cut ? 18 : 8),
            Math.max(0, x(spell.until()) - x(spell.from())),
            cut ? 4 : 8,
            cut ? "cut off from " + escaped(spell.other()) : name(spell.state()),
            spell.from(),
            spell.until()));
  }

  private void curve(int y, List<Double> answers) {
    int[] counts = new int[(int) Math.ceil(seconds) + 1];
    answers.forEach(at -> counts[Math.min(counts.length - 1, at.intValue())]++);
    int most = 1;
    for (int count : counts) {
      most = Math.max(most, count);
    }
    text(0, y + 14, "answers/s");
    text(0, y + 32, "most " + most);
    StringBuilder points = new StringBuilder();
    for (int s = 0; s < counts.length; s++) {
      points.append(
          format(
              "%.1f,%.1f ",
              x(Math.min(seconds, s + 0.5)), y + CURVE - (CURVE - 8.0) * counts[s] / most));
    }
    svg.append("<polyline points='").append(points).append("'/>\n");
  }

  private void axis(int y) {
    double step = seconds > 300 ? 60 : seconds > 60 ? 30 : 10;
    for (double at = 0; at <= seconds; at += step) {
      svg.append(format("<line x1='%.1f' y1='0' x2='%.1f' y2='%d'/>%n", x(at), x(at), y));
      svg.append(format("<text class='middle' x='%.1f' y='%d'>%.0f s</text>%n", x(at), y + 16, at));
    }
  }

  private void text(int x, int y, String text) {
    svg.append(format("<text x='%d' y='%d'>%s</text>%n", x, y, escaped(text)));
  }

  /** As a class of the style sheet, and as a word. */
  private static String name(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
