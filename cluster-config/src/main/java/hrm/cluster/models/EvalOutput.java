package hrm.cluster.models;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import hrm.cluster.cli.Json;
import hrm.model.Model;
import hrm.model.learn.EvaluationReport;
import hrm.model.learn.EvaluationReport.AfterSegment;
import hrm.model.learn.Outcome;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What {@code hrm eval} has found, for a program and for a person.
 *
 * @param puzzles of which the examples are; a puzzle may have several stored copies
 */
record EvalOutput(Model model, Path data, int puzzles, EvaluationReport report) {
  private static final int FAILURES_SHOWN = 3;
  private static final String SPARKS = "▁▂▃▄▅▆▇█";

  JsonObject json() {
    JsonObject json = new JsonObject();
    json.addProperty("model", model.name());
    json.addProperty("model_sha256", model.sha256());
    json.addProperty("parameters", model.weights().parameters());
    json.addProperty("data", data.toString());
    json.addProperty("puzzle_kind", report.rules().map(kind -> kind.name()).orElse(null));
    json.addProperty("puzzles", puzzles);
    json.addProperty("examples", report.puzzles());
    json.addProperty("policy", policy());
    json.addProperty("segments", report.bySegment().size());
    json.addProperty("exact_accuracy", report.exactAccuracy());
    json.addProperty("cell_accuracy", report.cellAccuracy());
    json.addProperty("solved_by_rules", report.solvedByRules().orElse(null));
    json.addProperty("halting_accuracy", report.haltingAccuracy());
    json.addProperty("mean_segments", report.meanSegments());
    json.addProperty("seconds", Json.rounded(report.seconds(), 3));
    json.addProperty("puzzles_per_second", Json.rounded(report.puzzlesPerSecond(), 3));
    json.add("by_segment", bySegment());
    json.add("q_head", report.halting().map(EvalOutput::json).orElse(null));
    json.addProperty("failed", report.failed());
    JsonArray failures = new JsonArray();
    report.failures().forEach(f -> failures.add(FailuresFile.json(report.rules(), f)));
    json.add("failures", failures);
    return json;
  }

  private JsonArray bySegment() {
    JsonArray rows = new JsonArray();
    for (AfterSegment after : report.bySegment()) {
      JsonObject row = new JsonObject();
      row.addProperty("segment", after.segment());
      row.addProperty("exact_accuracy", after.exactAccuracy());
      row.addProperty("cell_accuracy", after.cellAccuracy());
      row.addProperty("halted", after.halted());
      rows.add(row);
    }
    return rows;
  }

  private static JsonObject json(EvaluationReport.AtHalt atHalt) {
    JsonObject json = new JsonObject();
    json.addProperty("exact_accuracy", atHalt.exactAccuracy());
    json.addProperty("mean_segments", atHalt.meanSegments());
    return json;
  }

  private String policy() {
    return report.policy().toString();
  }

  /**
   * @param terminal whether the shape of the learning by segment may be drawn
   */
  String text(boolean terminal) {
    StringBuilder text = new StringBuilder();
    line(text, "%s (%,d parameters, sha256 %.12s)", name(), parameters(), model.sha256());
    line(text, "%s: %s, %s", data, counted(), budget());
    line(text, "");
    line(text, "segment    exact    cells   halted");
    for (AfterSegment after : shown()) {
      line(
          text,
          "%7d  %6.2f%%  %6.2f%%  %6.2f%%",
          after.segment(),
          100 * after.exactAccuracy(),
          100 * after.cellAccuracy(),
          100 * after.halted());
    }
    line(text, "");
    if (terminal) {
      line(text, "exact by segment  %s", sparkline());
    }
    line(
        text,
        "exact   %.2f%% (%,d of %,d)%s",
        100 * report.exactAccuracy(),
        report.puzzles() - report.failed(),
        report.puzzles(),
        report
            .solvedByRules()
            .map(s -> String.format(Locale.ROOT, ", %.2f%% accepted by the rules", 100 * s))
            .orElse(""));
    line(text, "cells   %.2f%%", 100 * report.cellAccuracy());
    line(text, "halting head right on %.2f%%%s", 100 * report.haltingAccuracy(), atHalt());
    line(
        text,
        "%.2f segments a puzzle, %.1f puzzles/s, %.1f s",
        report.meanSegments(),
        report.puzzlesPerSecond(),
        report.seconds());
    failures(text);
    return text.toString();
  }

  private String name() {
    return model.name();
  }

  private long parameters() {
    return model.weights().parameters();
  }

  private String counted() {
    String counted = String.format(Locale.ROOT, "%,d puzzles", puzzles);
    return puzzles == report.puzzles()
        ? counted
        : counted + String.format(Locale.ROOT, ", %,d examples", report.puzzles());
  }

  private String budget() {
    int segments = report.bySegment().size();
    return "%s, %s%d segment%s"
        .formatted(
            policy(),
            policy().equals("max-steps") ? "" : "at most ",
            segments,
            segments == 1 ? "" : "s");
  }

  private String atHalt() {
    return policy().equals("max-steps")
        ? report
            .halting()
            .map(
                h ->
                    String.format(
                        Locale.ROOT,
                        "; stopping by it: %.2f%% exact after %.2f segments",
                        100 * h.exactAccuracy(),
                        h.meanSegments()))
            .orElse("")
        : "";
  }

  /** Every segment up to 16; of more, the powers of two and the last. */
  private List<AfterSegment> shown() {
    int n = report.bySegment().size();
    return report.bySegment().stream()
        .filter(a -> n <= 16 || Integer.bitCount(a.segment()) == 1 || a.segment() == n)
        .toList();
  }

  private String sparkline() {
    StringBuilder line = new StringBuilder();
    for (AfterSegment after : report.bySegment()) {
      int level = (int) Math.min(SPARKS.length() - 1, after.exactAccuracy() * SPARKS.length());
      line.append(SPARKS.charAt(level));
    }
    return line.toString();
  }

  private void failures(StringBuilder text) {
    for (Outcome failure : report.failures().subList(0, failuresShown())) {
      line(
          text,
          "%nfailed: puzzle %d, %d cells wrong%n  puzzle   %s%n  answer   %s%n  expected %s",
          failure.index(),
          failure.wrongCells(),
          brief(failure.example().inputs()),
          brief(failure.answer()),
          brief(failure.example().labels()));
    }
    if (report.failed() > failuresShown()) {
      line(text, "%nand %,d more; --failures FILE lists all", report.failed() - failuresShown());
    }
  }

  private int failuresShown() {
    return Math.min(FAILURES_SHOWN, report.failures().size());
  }

  private String brief(int[] tokens) {
    String text = report.text(tokens);
    return text.length() <= 100 ? text : text.substring(0, 97) + "...";
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append(System.lineSeparator());
  }
}
