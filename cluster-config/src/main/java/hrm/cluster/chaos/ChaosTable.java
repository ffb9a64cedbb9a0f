package hrm.cluster.chaos;

import static hrm.cluster.chaos.ChaosChart.escaped;
import static hrm.cluster.chaos.ChaosChart.format;

import hrm.cluster.chaos.Timeline.Mark;
import hrm.cluster.chaos.Timeline.What;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What was done in a run of chaos, what happened by itself, and when each was over, as HTML. */
final class ChaosTable {
  private ChaosTable() {}

  static String of(List<Mark> marks) {
    StringBuilder rows = new StringBuilder();
    for (Mark mark : marks) {
      if (mark.isLoss()
          || mark.what() == What.FROZEN
          || mark.what() == What.CUT
          || mark.what() == What.NOTE) {
        rows.append(
            format(
                "<tr><td>%.1f s<td>%s<td><i class='%s'></i>%s<td>%s%n",
                mark.at(),
                escaped(mark.part()),
                mark.what().name().toLowerCase(Locale.ROOT),
                escaped(mark.text()),
                mark.what() == What.NOTE ? "" : over(mark, Spell.over(mark, marks))));
      }
    }
    return format(
        "<table>%n<tr><th>at<th>part<th>what happened<th>then%n%s</table>%n", rows.toString());
  }

  private static String over(Mark mark, Optional<Mark> next) {
    if (next.isEmpty()) {
      return "nothing, to the end";
    }
    String what =
        switch (next.get().what()) {
          case READY -> "served again";
          case THAWED -> "thawed";
          case HEALED -> "healed";
          default -> "gone again";
        };
    return format("%s after %.1f s", what, next.get().at() - mark.at());
  }
}
