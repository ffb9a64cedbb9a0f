package hrm.model.learn;

import static hrm.model.learn.LogLine.number;
import static hrm.model.learn.LogLine.text;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A log's evaluations on one set of puzzles.
 *
 * @param lines at least one, by step
 */
record EvaluationSet(String name, List<JsonObject> lines) {
  private static final int MOST_SHOWN = 6; // colours of the style sheet's ramp

  static List<EvaluationSet> of(TrainingLog.Contents log) {
    return log.evaluations().stream()
        .filter(line -> exact(line).length > 0)
        .map(line -> text(line, "set"))
        .distinct()
        .map(
            set ->
                new EvaluationSet(
                    set.equals("held_out") ? "held out" : set,
                    log.evaluations().stream()
                        .filter(line -> text(line, "set").equals(set) && exact(line).length > 0)
                        .toList()))
        .toList();
  }

  /** The first of the best after their last segment. */
  JsonObject best() {
    JsonObject best = lines.get(0);
    for (JsonObject line : lines) {
      if (atEnd(line) > atEnd(best)) {
        best = line;
      }
    }
    return best;
  }

  /** Share answered exactly after the last segment. */
  static double atEnd(JsonObject line) {
    double[] exact = exact(line);
    return exact[exact.length - 1];
  }

  /** Share answered exactly after so many segments; NaN where it was not measured. */
  static double after(JsonObject line, int segment) {
    double[] exact = exact(line);
    return segment <= exact.length ? exact[segment - 1] : Double.NaN;
  }

  private static double[] exact(JsonObject line) {
    JsonElement array = line.get("exact_by_segment");
    if (array == null || !array.isJsonArray()) {
      return new double[0];
    }
    List<Double> exact = new ArrayList<>();
    array.getAsJsonArray().forEach(share -> exact.add(number(share)));
    return exact.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Segments worth a line: powers of two and the last, the largest of them. */
  int[] shown() {
    int last = lines.stream().mapToInt(line -> exact(line).length).max().orElse(0);
    int[] all =
        IntStream.rangeClosed(1, last).filter(s -> Integer.bitCount(s) == 1 || s == last).toArray();
    return IntStream.of(all).skip(Math.max(0, all.length - MOST_SHOWN)).toArray();
  }
}
