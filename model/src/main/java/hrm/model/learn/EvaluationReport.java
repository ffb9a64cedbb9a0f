package hrm.model.learn;

import hrm.model.HaltingPolicy;
import hrm.model.puzzle.PuzzleKind;
import java.util.List;
import java.util.Optional;

/**
 * How well a model answers a dataset. All accuracies are shares of its puzzles, in [0, 1].
 *
 * @param bySegment after segment 1, 2, ...; a halted puzzle keeps its answer
 * @param haltingAccuracy share of puzzles on which the halting head, when the answer was taken,
 *     says stop where the answer is exact and go on where it is not
 * @param meanSegments a puzzle took
 * @param solvedByRules share that the puzzle's own rules accept; empty where they are not known
 * @param halting what stopping by the halting head gives; empty for policy verified, which does not
 *     think until the head stops
 * @param computedSegments sum of the batch's rows over all segments computed
 * @param seconds of computing
 * @param failed answers that are not exact
 * @param failures the first {@link #FAILURES} of them, by index
 * @param rules of the puzzles, where they are known
 */
public record EvaluationReport(
    HaltingPolicy policy,
    int puzzles,
    List<AfterSegment> bySegment,
    double haltingAccuracy,
    double meanSegments,
    Optional<Double> solvedByRules,
    Optional<AtHalt> halting,
    long computedSegments,
    double seconds,
    int failed,
    List<Outcome> failures,
    Optional<PuzzleKind> rules) {
  /** Kept at most. */
  public static final int FAILURES = 100;

  /**
   * @param segment from 1
   * @param halted share of puzzles whose answer is final
   */
  public record AfterSegment(
      int segment, double exactAccuracy, double cellAccuracy, double halted) {}

  /** Exact accuracy and mean segments when each puzzle stops at the halting head's first signal. */
  public record AtHalt(double exactAccuracy, double meanSegments) {}

  private AfterSegment last() {
    return bySegment.get(bySegment.size() - 1);
  }

  public double exactAccuracy() {
    return last().exactAccuracy();
  }

  public double cellAccuracy() {
    return last().cellAccuracy();
  }

  public double puzzlesPerSecond() {
    return puzzles / Math.max(seconds, 1e-9);
  }

  /** Tokens as the puzzle is written, or as numbers where its kind is not known. */
  public String text(int[] tokens) {
    return text(rules, tokens);
  }

  /** As {@link #text(int[])}, while there is no report yet. */
  public static String text(Optional<PuzzleKind> rules, int[] tokens) {
    return rules
        .map(kind -> kind.text(tokens))
        .orElseGet(
            () ->
                java.util.Arrays.stream(tokens)
                    .mapToObj(Integer::toString)
                    .collect(java.util.stream.Collectors.joining(" ")));
  }
}
