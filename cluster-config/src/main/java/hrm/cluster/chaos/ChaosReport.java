package hrm.cluster.chaos;

import hrm.cluster.chaos.Timeline.Mark;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A run of chaos as one HTML page: what happened to whom, and the answers a second below it. */
final class ChaosReport {
  private static final int LEFT = 110;
  private static final int WIDTH = 1000;
  private static final int ROW = 26;
  private static final int CURVE = 120;

  private final double seconds;
  private final StringBuilder svg = new StringBuilder();

  private ChaosReport(double seconds) {
    this.seconds = Math.max(1, seconds);
  }

  static void write(Path file, ChaosSummary summary, List<String> nodes, Timeline timeline)
      throws IOException {
    List<String> parts = new ArrayList<>(nodes);
    parts.add("broker");
    ChaosReport report = new ChaosReport(summary.seconds());
    for (int i = 0; i < parts.size(); i++) {
      String part = parts.get(i);
      report.row(i, part, timeline.marks().stream().filter(m -> m.part().equals(part)).toList());
    }
    report.curve(parts.size() * ROW + 10, timeline.answers());
    report.axis(parts.size() * ROW + 10 + CURVE);
    Files.write(file, report.page(summary, parts.size()).getBytes(StandardCharsets.UTF_8));
  }

  private double x(double at) {
    return LEFT + WIDTH * at / seconds;
  }

  /** Grey where a part serves, blank where it does not. */
  private void row(int number, String part, List<Mark> marks) {
    int y = number * ROW;
    text(0, y + 16, part);
    double from = 0;
    for (Mark mark : marks) {
      boolean down = mark.what().equals("killed") || mark.what().startsWith("ended");
      if (down || mark.what().equals("frozen")) {
        bar(from, mark.at(), y, "up");
        from = Double.NaN;
      } else if (mark.what().equals("ready") || mark.what().equals("thawed")) {
        if (mark.what().equals("thawed")) {
          bar(lastFreeze(marks, mark), mark.at(), y, "ice");
        }
        from = mark.at();
      }
      String kind = mark.what().startsWith("cut") ? "cut" : down ? "down" : "mark";
      svg.append(
          format(
              "<circle class='%s' cx='%.1f' cy='%d' r='4'><title>%.1f s: %s</title></circle>%n",
              kind, x(mark.at()), y + 11, mark.at(), escaped(mark.what())));
    }
    bar(part.equals("broker") && Double.isNaN(from) ? marks.get(0).at() : from, seconds, y, "up");
  }

  private static double lastFreeze(List<Mark> marks, Mark thaw) {
    return marks.stream()
        .filter(m -> m.what().equals("frozen") && m.at() < thaw.at())
        .mapToDouble(Mark::at)
        .max()
        .orElse(thaw.at());
  }

  private void bar(double from, double to, int y, String kind) {
    if (!Double.isNaN(from)) {
      svg.append(
          format(
              "<rect class='%s' x='%.1f' y='%d' width='%.1f' height='8'/>%n",
              kind, x(from), y + 7, Math.max(0, x(to) - x(from))));
    }
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
      text((int) x(at) - 8, y + 16, format("%.0f s", at));
    }
  }

  private void text(int x, int y, String text) {
    svg.append(format("<text x='%d' y='%d'>%s</text>%n", x, y, escaped(text)));
  }

  private String page(ChaosSummary s, int rows) {
    return format(
        """
        <!doctype html>
        <html lang="en"><meta charset="utf-8"><title>hrm chaos, seed %d</title>
        <meta name="viewport" content="width=device-width">
        <style>
        :root { color-scheme: light dark; --ink: #1c2430; --paper: #fff; --soft: #8a94a3; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --paper: #14181e; } }
        body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
               margin: 2rem; max-width: 1160px; }
        svg { width: 100%%; height: auto; font-size: 12px; } text { fill: var(--ink); }
        .up { fill: #4c9a6a; } .ice { fill: #5b8fd6; } .down { fill: #d0443e; }
        .cut { fill: #e0962d; } .mark { fill: var(--soft); }
        line { stroke: var(--soft); stroke-opacity: .25; }
        polyline { fill: none; stroke: #4c9a6a; stroke-width: 1.5; }
        b { font-size: 1.4rem; }
        </style>
        <h1>Chaos, seed %d</h1>
        <p><b>%d jobs, %d results, %d lost, %d duplicates</b>, %d dead letters; %d answered in a later
        attempt. %d kills, %d freezes, %d kills of the broker, %d cuts, %d restarts in %.0f s. The
        cluster is %s at the end.</p>
        <svg viewBox="0 0 %d %d" role="img" aria-label="Timeline">
        %s</svg>
        <p>Green: serving. Blue: frozen. Red: killed, or ended. Orange: cut off from another node.
        Point at a dot to read what happened.</p>
        </html>
        """,
        s.seed(),
        s.seed(),
        s.jobs(),
        s.results(),
        s.lost(),
        s.duplicates(),
        s.dead_lettered(),
        s.later_attempts(),
        s.kills(),
        s.freezes(),
        s.broker_kills(),
        s.cuts(),
        s.restarts(),
        s.seconds(),
        s.whole() ? "whole" : "NOT whole",
        LEFT + WIDTH + 30,
        rows * ROW + 10 + CURVE + 24,
        svg);
  }

  private static String format(String pattern, Object... values) {
    return String.format(Locale.ROOT, pattern, values);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
