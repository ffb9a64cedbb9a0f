package hrm.model.learn;

import static hrm.model.learn.LineChart.escape;
import static hrm.model.learn.LogLine.number;
import static hrm.model.learn.LogLine.object;
import static hrm.model.learn.LogLine.text;

import com.google.gson.JsonObject;

/** The tables of a training report: evaluations in numbers, settings, sittings. */
record TrainingTables(TrainingLog.Contents log) {
  String html() {
    JsonObject settings = object(log.runs().get(log.runs().size() - 1), "settings");
    StringBuilder html = new StringBuilder();
    for (EvaluationSet set : EvaluationSet.of(log)) {
      html.append(evaluationTable(set));
    }
    html.append("<section class=\"settings\" aria-label=\"Settings\">\n");
    html.append(settingsTable("Training", object(settings, "train")));
    html.append(settingsTable("Architecture", object(settings, "arch")));
    html.append(sittingsTable());
    return html.append("</section>\n").toString();
  }

  private static String evaluationTable(EvaluationSet set) {
    int[] segments = set.shown();
    StringBuilder head = new StringBuilder("<th scope=\"col\">step</th>");
    for (int segment : segments) {
      head.append("<th scope=\"col\">%d seg.</th>".formatted(segment));
    }
    head.append("<th scope=\"col\">cells</th><th scope=\"col\">halting right</th>");
    StringBuilder rows = new StringBuilder();
    JsonObject best = set.best();
    for (JsonObject e : set.lines()) {
      rows.append(e == best ? "<tr class=\"best\">" : "<tr>");
      rows.append("<th scope=\"row\">%s</th>".formatted(Scale.text(number(e, "step"))));
      for (int segment : segments) {
        rows.append("<td>%s</td>".formatted(Scale.percent(EvaluationSet.after(e, segment))));
      }
      rows.append("<td>%s</td>".formatted(Scale.percent(number(e, "cell_accuracy"))));
      rows.append("<td>%s</td></tr>\n".formatted(Scale.percent(number(e, "halting_accuracy"))));
    }
    return """
        <details><summary>Evaluations on the %s set</summary>
        <div class="scroll"><table class="numbers"><thead><tr>%s</tr></thead><tbody>
        %s</tbody></table></div></details>
        """
        .formatted(escape(set.name()), head, rows);
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
                  escape(
                      text(run, "started")
                          .replace('T', ' ')
                          .replaceFirst("(\\.[0-9]+)?Z$", " UTC")),
                  escape(text(run, "machine")),
                  Scale.text(number(run, "step"))));
    }
    return "<table><caption>Sittings</caption><tbody>\n%s</tbody></table>\n".formatted(rows);
  }
}
