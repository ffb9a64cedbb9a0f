package hrm.model.learn;

import hrm.model.HaltingPolicy;
import hrm.model.puzzle.PuzzleKind;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/** Sums over outcomes as they come. */
final class EvaluationTally {
  private final int puzzles;
  private final Evaluator.Options options;
  private final PuzzleKind rules; // null: not known
  private final long began = System.nanoTime();
  private final double[] exact; // (segments), puzzles
  private final double[] cells;
  private final double[] halted;
  private final BitSet signalled = new BitSet(); // puzzles whose halting head has said stop
  private final PriorityQueue<Outcome> failures = // the first by index, the last of them on top
      new PriorityQueue<>(Comparator.comparingInt(Outcome::index).reversed());
  private int failed;
  private long computed;
  private long segments;
  private int haltingRight;
  private int solved;
  private int exactAtSignal;
  private long segmentsToSignal;

  EvaluationTally(int puzzles, Evaluator.Options options, PuzzleKind rules) {
    this.puzzles = puzzles;
    this.options = options;
    this.rules = rules;
    this.exact = new double[options.segments()];
    this.cells = new double[options.segments()];
    this.halted = new double[options.segments()];
  }

  void computed(int rows) {
    computed += rows;
  }

  /** A puzzle after a segment; when it halts, its answer stands for the segments it leaves out. */
  void add(Outcome outcome, boolean halts) {
    int end = halts ? options.segments() : outcome.segments();
    for (int s = outcome.segments() - 1; s < end; s++) {
      exact[s] += outcome.exact() ? 1 : 0;
      cells[s] += outcome.cellAccuracy();
      halted[s] += halts ? 1 : 0;
    }
    if ((outcome.signal() || halts) && !signalled.get(outcome.index())) {
      signalled.set(outcome.index());
      exactAtSignal += outcome.exact() ? 1 : 0;
      segmentsToSignal += outcome.segments();
    }
    if (halts) {
      segments += outcome.segments();
      haltingRight += outcome.signal() == outcome.exact() ? 1 : 0;
      solved += outcome.solved() ? 1 : 0;
      if (!outcome.exact()) {
        failed++;
        failures.add(outcome);
        if (failures.size() > EvaluationReport.FAILURES) {
          failures.remove();
        }
      }
    }
  }

  EvaluationReport report() {
    double seconds = (System.nanoTime() - began) / 1e9;
    List<EvaluationReport.AfterSegment> bySegment = new ArrayList<>();
    for (int s = 0; s < exact.length; s++) {
      bySegment.add(
          new EvaluationReport.AfterSegment(
              s + 1, share(exact[s]), share(cells[s]), share(halted[s])));
    }
    return new EvaluationReport(
        options.policy(),
        puzzles,
        List.copyOf(bySegment),
        share(haltingRight),
        share(segments),
        rules == null ? Optional.empty() : Optional.of(share(solved)),
        options.policy() == HaltingPolicy.VERIFIED
            ? Optional.empty()
            : Optional.of(
                new EvaluationReport.AtHalt(share(exactAtSignal), share(segmentsToSignal))),
        computed,
        seconds,
        failed,
        failures.stream().sorted(Comparator.comparingInt(Outcome::index)).toList(),
        Optional.ofNullable(rules));
  }

  private double share(double sum) {
    return sum / puzzles;
  }
}
