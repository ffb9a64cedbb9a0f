package hrm.model.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.HaltingPolicy;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.Sudoku;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class EvaluationTallyTest {
  private static final Example EXAMPLE = new Example(new int[16], new int[16]);

  private static Outcome outcome(int index, int segments, int wrong, boolean signal) {
    return new Outcome(index, EXAMPLE, new int[16], segments, 16, wrong, wrong == 0, 0, 0, signal);
  }

  private static EvaluationTally tally(int puzzles, HaltingPolicy policy, int segments) {
    return new EvaluationTally(puzzles, new Evaluator.Options(policy, segments, 8), Sudoku.SIZE_4);
  }

  @Test
  void report_ofEarlyAndLateAnswers_keepsHaltedOnes() {
    EvaluationTally tally = tally(2, HaltingPolicy.Q_HEAD, 3);
    tally.add(outcome(1, 1, 8, false), false);
    tally.add(outcome(0, 1, 0, true), true);
    tally.add(outcome(1, 2, 4, false), false);
    tally.add(outcome(1, 3, 4, false), true);
    EvaluationReport report = tally.report();
    assertEquals(
        List.of(
            new EvaluationReport.AfterSegment(1, 0.5, 0.75, 0.5),
            new EvaluationReport.AfterSegment(2, 0.5, 0.875, 0.5),
            new EvaluationReport.AfterSegment(3, 0.5, 0.875, 1)),
        report.bySegment());
    assertEquals(2, report.meanSegments());
    assertEquals(1, report.haltingAccuracy());
    assertEquals(0.5, report.exactAccuracy());
    assertEquals(0.5, report.solvedByRules().orElseThrow());
    assertEquals(List.of(1), report.failures().stream().map(Outcome::index).toList());
  }

  @Test
  void report_wrongSignals_areNotCountedAsRight() {
    EvaluationTally tally = tally(4, HaltingPolicy.MAX_STEPS, 1);
    tally.add(outcome(0, 1, 0, true), true); // right
    tally.add(outcome(1, 1, 0, false), true);
    tally.add(outcome(2, 1, 3, true), true);
    tally.add(outcome(3, 1, 3, false), true); // right
    assertEquals(0.5, tally.report().haltingAccuracy());
  }

  @Test
  void report_maxSteps_countsTheFirstSignalOnly() {
    EvaluationTally tally = tally(1, HaltingPolicy.MAX_STEPS, 3);
    tally.add(outcome(0, 1, 2, true), false);
    tally.add(outcome(0, 2, 0, true), false);
    tally.add(outcome(0, 3, 0, true), true);
    EvaluationReport report = tally.report();
    assertEquals(new EvaluationReport.AtHalt(0, 1), report.halting().orElseThrow());
    assertEquals(1, report.exactAccuracy());
    assertEquals(3, report.meanSegments());
  }

  @Test
  void report_verified_doesNotGuessAboutTheHead() {
    EvaluationTally tally = tally(1, HaltingPolicy.VERIFIED, 2);
    tally.add(outcome(0, 1, 0, false), true);
    assertTrue(tally.report().halting().isEmpty());
  }

  @Test
  void report_failures_comeByIndex() {
    EvaluationTally tally = tally(3, HaltingPolicy.MAX_STEPS, 1);
    tally.add(outcome(2, 1, 1, false), true);
    tally.add(outcome(0, 1, 1, false), true);
    tally.add(outcome(1, 1, 0, false), true);
    assertEquals(List.of(0, 2), tally.report().failures().stream().map(Outcome::index).toList());
  }

  @Test
  void failures_areKeptUpToALimit_andAllCounted() {
    EvaluationTally tally = tally(150, HaltingPolicy.MAX_STEPS, 1);
    for (int i = 149; i >= 0; i--) {
      tally.add(outcome(i, 1, 3, false), true);
    }
    EvaluationReport report = tally.report();
    assertEquals(150, report.failed());
    assertEquals(
        IntStream.range(0, 100).boxed().toList(),
        report.failures().stream().map(Outcome::index).toList());
  }
}
