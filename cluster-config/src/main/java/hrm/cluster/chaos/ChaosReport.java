package hrm.cluster.chaos;

import static hrm.cluster.chaos.ChaosChart.format;

import hrm.cluster.chaos.Timeline.Mark;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A run of chaos as one HTML page that needs no other: counts, timeline, table. */
final class ChaosReport {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; --ink: #1c2430; --paper: #fff; --soft: #5f6a79; --rule: #dfe3e9;
        --up: #4c9a6a; --starting: #b9dcc6; --ice: #4f86d0; --down: #cb3a34; --cut: #d2851c; }
      @media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --paper: #14181e; --soft: #98a2b1; --rule: #2b323c;
        --up: #57a878; --starting: #2d5a40; --ice: #6b9ee4; --down: #ee6a62; --cut: #e6a04a; } }
      body { font: 15px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; color: var(--ink);
        background: var(--paper); margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 2rem); max-width: 1160px; }
      h1 { margin: 0 0 .5rem; } b { font-size: 1.4rem; } p { margin: .5rem 0 1rem; }
      .chart { overflow-x: auto; } svg { display: block; width: 100%; min-width: 900px; height: auto; font-size: 12px; }
      text { fill: var(--ink); } .middle { text-anchor: middle; fill: var(--soft); }
      line { stroke: var(--rule); } polyline { fill: none; stroke: var(--up); stroke-width: 1.5; }
      .serving { --c: var(--up); } .starting { --c: var(--starting); } .frozen { --c: var(--ice); } .cut { --c: var(--cut); }
      .killed, .ended { --c: var(--down); } rect, circle { fill: var(--c); }
      circle.ended { fill: var(--paper); stroke: var(--c); stroke-width: 2; }
      i { display: inline-block; width: 10px; height: 10px; margin-right: 8px; border-radius: 2px; background: var(--c); }
      i.killed, i.ended { border-radius: 50%; } i.ended { background: none; box-shadow: inset 0 0 0 2px var(--c); }
      i.note { visibility: hidden; }
      ul { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; list-style: none; padding: 0; color: var(--soft); }
      .table { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
      th, td { text-align: left; vertical-align: baseline; padding: .3rem clamp(.5rem, 2vw, 1rem) .3rem 0; border-bottom: 1px solid var(--rule); }
      th { font-weight: 400; color: var(--soft); } td { overflow-wrap: break-word; }
      td:first-child { text-align: right; } td:nth-child(-n+2) { white-space: nowrap; }
      td:last-child { min-width: 7em; } @media (min-width: 700px) { td:last-child { white-space: nowrap; } }
      """;

  private static final String LEGEND =
      """
      <ul><li><i class="serving"></i>serving<li><i class="starting"></i>starting<li><i class="frozen"></i>frozen
      <li><i class="cut"></i>cut off from another node<li><i class="killed"></i>killed
      <li><i class="ended"></i>ended by itself</ul>
      """;

  private ChaosReport() {}

  static void write(Path file, ChaosSummary summary, List<String> nodes, Timeline timeline)
      throws IOException {
    String page = html(summary, nodes, timeline.marks(), timeline.answers());
    Files.write(file, page.getBytes(StandardCharsets.UTF_8));
  }

  static String html(
      ChaosSummary summary, List<String> nodes, List<Mark> marks, List<Double> answers) {
    List<String> parts = new ArrayList<>(nodes);
    parts.add("broker");
    return format(
        """
        <!doctype html>
        <html lang="en"><meta charset="utf-8"><title>hrm chaos, seed %d</title>
        <meta name="viewport" content="width=device-width">
        <style>
        %s</style>
        <h1>Chaos, seed %d</h1>
        %s<div class="chart">%s</div>
        %s<div class="table">%s</div>
        </html>
        """,
        summary.seed(),
        STYLE,
        summary.seed(),
        counts(summary),
        ChaosChart.of(summary.seconds(), parts, marks, answers),
        LEGEND,
        ChaosTable.of(marks));
  }

  private static String counts(ChaosSummary s) {
    return format(
        "<p><b>%s, %s, %d lost, %s</b>, %s; %d answered in a later attempt. %s, %s, %s of the"
            + " broker, %s, %s in %.0f s. The cluster is %s at the end.</p>%n",
        many(s.jobs(), "job"),
        many(s.results(), "result"),
        s.lost(),
        many(s.duplicates(), "duplicate"),
        many(s.dead_lettered(), "dead letter"),
        s.later_attempts(),
        many(s.kills(), "kill"),
        many(s.freezes(), "freeze"),
        many(s.broker_kills(), "kill"),
        many(s.cuts(), "cut"),
        many(s.restarts(), "restart"),
        s.seconds(),
        s.whole() ? "whole" : "NOT whole");
  }

  private static String many(long number, String what) {
    return format("%,d %s%s", number, what, number == 1 ? "" : "s");
  }
}
