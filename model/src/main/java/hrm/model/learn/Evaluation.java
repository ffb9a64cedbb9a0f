package hrm.model.learn;

import hrm.model.Backend;
import hrm.model.Carry;
import hrm.model.Heads;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import hrm.model.Hrm;
import hrm.model.LowLevel;
import hrm.model.Model;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.PuzzleKind;
import java.util.List;

/**
 * How many puzzles a model solves after each segment, by the puzzle's own rules, without early
 * halting (as the reference evaluates).
 *
 * @param solved (segments) share of puzzles solved after segment 1, 2, ...
 * @param cells share of cells equal to the solution after the last segment
 * @param halting share of puzzles on which the halting head agrees with the truth at the end
 * @param meanSegments segments until the halting head stops, the limit where it never does
 * @param solvedAtHalt share solved when the halting head stops
 */
public record Evaluation(
    int puzzles,
    double[] solved,
    double cells,
    double halting,
    double meanSegments,
    double solvedAtHalt) {

  /** Share solved after the last segment. */
  public double exact() {
    return solved[solved.length - 1];
  }

  public static Evaluation of(
      Model model, hrm.model.data.Dataset puzzles, Backend backend, int segments) {
    PuzzleKind kind = model.puzzle().orElseThrow();
    List<Example> examples =
        java.util.stream.IntStream.range(0, puzzles.size()).mapToObj(puzzles::example).toList();
    int batch = 64;
    double[] solved = new double[segments];
    double cells = 0;
    double halting = 0;
    double used = 0;
    double solvedAtHalt = 0;
    try (HighLevel high = model.highLevel(backend);
        LowLevel low = model.lowLevel(backend)) {
      Hrm hrm = new Hrm(high, low, model.config());
      for (int from = 0; from < examples.size(); from += batch) {
        List<Example> rows = examples.subList(from, Math.min(from + batch, examples.size()));
        int[] fresh = new int[rows.size()];
        java.util.Arrays.fill(fresh, -1);
        boolean[] halted = new boolean[rows.size()];
        Carry carry = high.seat(null, fresh);
        HiddenState inputs =
            high.embed(
                rows.stream().map(Example::inputs).toArray(int[][]::new), new int[rows.size()]);
        for (int s = 0; s < segments; s++) {
          Hrm.Segment segment = hrm.segment(carry, inputs);
          carry.close();
          carry = segment.carry();
          Heads heads = segment.heads();
          for (int b = 0; b < rows.size(); b++) {
            int[] answer = heads.tokens(b);
            boolean right = kind.solves(rows.get(b).inputs(), answer);
            boolean stop = model.config().halts(heads.qHalt()[b], heads.qContinue()[b]);
            boolean last = s == segments - 1;
            solved[s] += right ? 1 : 0;
            if (!halted[b] && (stop || last)) {
              halted[b] = true;
              used += s + 1;
              solvedAtHalt += right ? 1 : 0;
            }
            if (last) {
              halting += stop == right ? 1 : 0;
              for (int i = 0; i < answer.length; i++) {
                cells += answer[i] == rows.get(b).labels()[i] ? 1 : 0;
              }
            }
          }
        }
        carry.close();
        inputs.close();
      }
    }
    int n = examples.size();
    for (int s = 0; s < segments; s++) {
      solved[s] /= n;
    }
    return new Evaluation(
        n, solved, cells / n / kind.cells(), halting / n, used / n, solvedAtHalt / n);
  }
}
