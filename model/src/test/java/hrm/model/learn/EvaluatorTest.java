package hrm.model.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.Backend;
import hrm.model.HaltingPolicy;
import hrm.model.HrmConfig;
import hrm.model.Model;
import hrm.model.Weights;
import hrm.model.cpu.Nd4jBackend;
import hrm.model.data.Dataset;
import hrm.model.data.Pool;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.Sudoku;
import hrm.model.puzzle.SudokuGenerator;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluatorTest {
  private static final Backend BACKEND = new Nd4jBackend(2);
  private static final int PUZZLES = 37; // fills no batch
  private static final int SEGMENTS = 6;

  private final Model model = model("sudoku-4x4", 6);
  private final Dataset data = Pool.of(Sudoku.SIZE_4, puzzles());

  /** Untrained, with a halting head that is of two minds. */
  private static Model model(String puzzle, int vocab) {
    HrmConfig config =
        HrmConfig.parse(
            """
            {"seq_len": 16, "vocab_size": %d, "hidden_size": 32, "num_heads": 4, "H_layers": 1,
             "L_layers": 1, "no_ACT_continue": true, "puzzle": "%s"}
            """
                .formatted(vocab, puzzle));
    Weights weights = Weights.random(config, 5);
    SplittableRandom random = new SplittableRandom(6);
    float[] q = weights.get("q_head.weight");
    for (int i = 0; i < q.length; i++) {
      q[i] = (float) random.nextGaussian();
    }
    Arrays.fill(weights.get("q_head.bias"), -3.5f);
    Arrays.fill(weights.get("puzzle_emb.weights"), 0.1f);
    return new Model("test", config, weights, "");
  }

  /** 4×4 examples as published folders may have them: labels that do not count, identifiers. */
  private record Listed(List<Example> examples) implements Dataset {
    @Override
    public int seqLen() {
      return 16;
    }

    @Override
    public int vocabSize() {
      return 6;
    }

    @Override
    public int size() {
      return examples.size();
    }

    @Override
    public int identifiers() {
      return 4;
    }

    @Override
    public Example example(int i) {
      return examples.get(i);
    }

    @Override
    public Example draw(int i, SplittableRandom random) {
      return example(i);
    }

    @Override
    public Dataset subset(int from, int to) {
      return new Listed(examples.subList(from, to));
    }
  }

  private static List<Example> puzzles() {
    SudokuGenerator generator = new SudokuGenerator(Sudoku.SIZE_4, 1);
    return IntStream.range(0, PUZZLES).mapToObj(i -> generator.next()).toList();
  }

  private static EvaluationReport run(
      Model model, Dataset data, HaltingPolicy policy, int segments, int batch, Outcome[] into) {
    return new Evaluator(model, data, new Evaluator.Options(policy, segments, batch))
        .run(BACKEND, outcome -> into[outcome.index()] = outcome);
  }

  private Outcome[] outcomes(HaltingPolicy policy, int segments, int batch) {
    Outcome[] outcomes = new Outcome[PUZZLES];
    run(model, data, policy, segments, batch, outcomes);
    return outcomes;
  }

  private static void assertSame(Outcome a, Outcome b) {
    assertEquals(a.segments(), b.segments());
    assertArrayEquals(a.answer(), b.answer());
    assertEquals(a.qHalt(), b.qHalt());
    assertEquals(a.qContinue(), b.qContinue());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 32, 64})
  void run_inAnyBatch_givesEveryPuzzleTheSameBits(int batch) {
    Outcome[] alone = outcomes(HaltingPolicy.Q_HEAD, SEGMENTS, 1);
    Outcome[] together = outcomes(HaltingPolicy.Q_HEAD, SEGMENTS, batch);
    assertTrue(Arrays.stream(alone).mapToInt(Outcome::segments).distinct().count() > 2);
    for (int i = 0; i < PUZZLES; i++) {
      assertEquals(i, together[i].index());
      assertSame(alone[i], together[i]);
    }
  }

  @Test
  void run_qHead_answersAsThatManySegmentsDo() {
    Outcome[] halted = outcomes(HaltingPolicy.Q_HEAD, SEGMENTS, 8);
    for (int segments = 1; segments <= SEGMENTS; segments++) {
      Outcome[] all = outcomes(HaltingPolicy.MAX_STEPS, segments, 8);
      for (int i = 0; i < PUZZLES; i++) {
        if (halted[i].segments() == segments) {
          assertSame(all[i], halted[i]);
          assertTrue(all[i].signal() || segments == SEGMENTS);
        } else if (halted[i].segments() > segments) {
          assertFalse(all[i].signal());
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 8, 64})
  void run_haltedRows_costNothing(int batch) {
    EvaluationReport report =
        run(model, data, HaltingPolicy.Q_HEAD, SEGMENTS, batch, new Outcome[PUZZLES]);
    assertEquals(report.meanSegments() * PUZZLES, report.computedSegments(), 1e-9);
    assertTrue(report.meanSegments() < SEGMENTS, "mean " + report.meanSegments());
  }

  @Test
  void run_maxSteps_tellsWhatTheHaltingHeadWouldGive() {
    EvaluationReport full =
        run(model, data, HaltingPolicy.MAX_STEPS, SEGMENTS, 8, new Outcome[PUZZLES]);
    EvaluationReport halting =
        run(model, data, HaltingPolicy.Q_HEAD, SEGMENTS, 8, new Outcome[PUZZLES]);
    assertEquals(SEGMENTS, full.meanSegments());
    assertEquals(halting.meanSegments(), full.halting().orElseThrow().meanSegments());
    assertEquals(halting.exactAccuracy(), full.halting().orElseThrow().exactAccuracy());
  }

  @Test
  void run_labelsThatDoNotCount_areNotMissed() {
    Outcome first = outcomes(HaltingPolicy.MAX_STEPS, 1, 8)[0];
    int[] labels = first.answer().clone();
    Arrays.fill(labels, 0, 4, -100);
    labels[9] = labels[9] == 2 ? 3 : 2;
    Dataset one = new Listed(List.of(new Example(first.example().inputs(), labels)));
    Outcome[] outcomes = new Outcome[1];
    EvaluationReport report = run(model, one, HaltingPolicy.MAX_STEPS, 1, 8, outcomes);
    assertEquals(12, outcomes[0].cells());
    assertEquals(1, outcomes[0].wrongCells());
    assertEquals(11 / 12.0, report.cellAccuracy(), 1e-12);
    assertTrue(report.rules().isEmpty(), "these labels are no solution");
    assertTrue(report.solvedByRules().isEmpty());
  }

  private void refuses(String sentence, Model model, Dataset data, HaltingPolicy policy) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Evaluator(model, data, new Evaluator.Options(policy, 1, 1)));
    assertTrue(e.getMessage().contains(sentence), e.getMessage());
  }

  @Test
  void evaluator_dataOfAnotherSize_saysBothSizes() {
    Dataset six = Pool.of(Sudoku.SIZE_6, List.of(new SudokuGenerator(Sudoku.SIZE_6, 1).next()));
    refuses("model test has seq_len 16, but the data has 36", model, six, HaltingPolicy.MAX_STEPS);
  }

  @Test
  void evaluator_dataOfAnotherVocabulary_saysBoth() {
    refuses(
        "model test has vocab_size 7, but the data has 6",
        model("sudoku-4x4", 7),
        data,
        HaltingPolicy.MAX_STEPS);
  }

  @Test
  void evaluator_verifiedWithoutRules_isRefused() {
    int[] none = new int[16];
    Dataset nonsense = Pool.of(Sudoku.SIZE_4, List.of(new Example(none, none)));
    refuses("needs a puzzle's rules", model, nonsense, HaltingPolicy.VERIFIED);
  }

  @Test
  void evaluator_noPuzzles_isRefused() {
    refuses("holds no puzzle", model, Pool.of(Sudoku.SIZE_4, List.of()), HaltingPolicy.Q_HEAD);
  }

  @Test
  void run_identifierBeyondTheModel_namesThePuzzle() {
    Example example = data.example(0);
    Dataset other =
        new Listed(List.of(example, new Example(example.inputs(), example.labels(), 3)));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> run(model, other, HaltingPolicy.MAX_STEPS, 1, 1, new Outcome[2]));
    assertTrue(e.getMessage().startsWith("puzzle 1 of the data has identifier 3"), e.getMessage());
  }

  @Test
  void run_verified_takesTheFirstAnswerThatTheRulesAccept() throws Exception {
    Model trained = Model.load(Path.of("../models/sudoku-4x4"));
    int segments = 6;
    trained.weights().get("q_head.bias")[0] = -1000; // it is not the head that stops
    Outcome[] verified = new Outcome[PUZZLES];
    EvaluationReport report = run(trained, data, HaltingPolicy.VERIFIED, segments, 8, verified);
    EvaluationReport full =
        run(trained, data, HaltingPolicy.MAX_STEPS, segments, 8, new Outcome[PUZZLES]);
    assertTrue(full.exactAccuracy() > 0.9, "trained: " + full.exactAccuracy());
    assertEquals(full.exactAccuracy(), full.solvedByRules().orElseThrow(), 0.03);
    assertTrue(report.exactAccuracy() >= full.exactAccuracy());
    assertTrue(report.meanSegments() < segments);
    Outcome[] first = new Outcome[PUZZLES];
    run(trained, data, HaltingPolicy.MAX_STEPS, 1, 8, first);
    for (int i = 0; i < PUZZLES; i++) {
      assertEquals(first[i].solved(), verified[i].segments() == 1);
      assertTrue(verified[i].solved() || verified[i].segments() == segments);
    }
  }

  @Test
  void evaluation_ofATrainedModel_equalsItsReport() throws Exception {
    Model trained = Model.load(Path.of("../models/sudoku-4x4"));
    EvaluationReport full = run(trained, data, HaltingPolicy.MAX_STEPS, 4, 8, new Outcome[PUZZLES]);
    EvaluationReport halting = run(trained, data, HaltingPolicy.Q_HEAD, 4, 8, new Outcome[PUZZLES]);
    Evaluation evaluation = Evaluation.of(trained, data, BACKEND, 4);
    assertEquals(PUZZLES, evaluation.puzzles());
    assertEquals(4, evaluation.solved().length);
    assertEquals(full.exactAccuracy(), evaluation.exact());
    assertEquals(full.cellAccuracy(), evaluation.cells());
    assertEquals(full.haltingAccuracy(), evaluation.halting());
    assertEquals(halting.meanSegments(), evaluation.meanSegments());
    assertEquals(halting.exactAccuracy(), evaluation.solvedAtHalt());
  }
}
