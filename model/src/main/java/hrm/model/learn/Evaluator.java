package hrm.model.learn;

import hrm.model.Backend;
import hrm.model.Carry;
import hrm.model.HaltingPolicy;
import hrm.model.Heads;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import hrm.model.Hrm;
import hrm.model.HrmConfig;
import hrm.model.LowLevel;
import hrm.model.Model;
import hrm.model.data.Dataset;
import hrm.model.puzzle.Example;
import hrm.model.puzzle.PuzzleKind;
import hrm.model.puzzle.PuzzleKinds;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * A model run over a dataset in one batch that is always full: a row that halts gives its place to
 * the next puzzle between two segments, as the planner's lanes do, so that a puzzle costs the
 * segments that it takes and no more. What a row answers does not depend on its neighbours.
 */
public final class Evaluator {
  /**
   * When answers are taken, and how many puzzles are thought about at once.
   *
   * @param segments most segments a puzzle gets
   * @param batch rows
   */
  public record Options(HaltingPolicy policy, int segments, int batch) {
    public Options {
      atLeastOne("segments", segments);
      atLeastOne("batch", batch);
    }

    private static void atLeastOne(String name, int value) {
      if (value < 1) {
        throw new IllegalArgumentException(
            "%s is %d; it must be at least 1".formatted(name, value));
      }
    }
  }

  private final Model model;
  private final Dataset data;
  private final Options options;
  private final PuzzleKind rules; // null: not known

  /**
   * @throws IllegalArgumentException when model, data and policy do not fit each other
   */
  public Evaluator(Model model, Dataset data, Options options) {
    this.model = model;
    this.data = data;
    this.options = options;
    HrmConfig c = model.config();
    same("seq_len", "tokens a puzzle", c.seqLen(), data.seqLen());
    same("vocab_size", "different tokens", c.vocabSize(), data.vocabSize());
    if (data.size() == 0) {
      throw new IllegalArgumentException("the data holds no puzzle; give at least one");
    }
    this.rules = rules(model, data).orElse(null);
    if (rules == null && options.policy() == HaltingPolicy.VERIFIED) {
      throw new IllegalArgumentException(
          "the policy verified needs a puzzle's rules, and for this data none are known; use"
              + " max-steps or q-head");
    }
  }

  private void same(String key, String what, int ofModel, int ofData) {
    if (ofModel != ofData) {
      throw new IllegalArgumentException(
          "model %s has %s %d, but the data has %d %s; give the data that it was trained for"
              .formatted(model.name(), key, ofModel, ofData, what));
    }
  }

  /**
   * The kind that the model names, or else its size tells, if its rules accept the data's labels.
   */
  private static Optional<PuzzleKind> rules(Model model, Dataset data) {
    Example first = data.example(0);
    return model
        .puzzle()
        .or(() -> PuzzleKinds.ofCells(data.seqLen()))
        .filter(kind -> kind.cells() == data.seqLen() && kind.vocabulary() == data.vocabSize())
        .filter(kind -> kind.solves(first.inputs(), first.labels()));
  }

  /** Those by which answers are judged, where they are known. */
  public Optional<PuzzleKind> rules() {
    return Optional.ofNullable(rules);
  }

  /**
   * Answers every puzzle.
   *
   * @param finished is told of each puzzle when it halts, in the order of halting
   */
  public EvaluationReport run(Backend backend, Consumer<Outcome> finished) {
    EvaluationTally tally = new EvaluationTally(data.size(), options, rules);
    try (HighLevel high = model.highLevel(backend);
        LowLevel low = model.lowLevel(backend)) {
      Hrm hrm = new Hrm(high, low, model.config());
      Lane lane = new Lane(high);
      while (lane.reseat()) {
        Hrm.Segment segment = hrm.segment(lane.carry, lane.inputs);
        lane.carry.close();
        lane.carry = segment.carry();
        tally.computed(lane.rows.size());
        for (int b = 0; b < lane.rows.size(); b++) {
          Outcome outcome = outcome(lane.rows.get(b), segment.heads(), b);
          boolean halts = halts(outcome);
          tally.add(outcome, halts);
          if (halts) {
            lane.rows.set(b, null);
            finished.accept(outcome);
          } else {
            lane.rows.set(b, lane.rows.get(b).next());
          }
        }
      }
    }
    return tally.report();
  }

  /** A puzzle in hand, before the segment of that number, from 1. */
  private record Row(int index, Example example, int segment) {
    Row next() {
      return new Row(index, example, segment + 1);
    }
  }

  private Outcome outcome(Row row, Heads heads, int b) {
    int[] answer = heads.tokens(b);
    Example example = row.example();
    int cells = 0;
    int wrong = 0;
    for (int i = 0; i < answer.length; i++) {
      int label = example.labels()[i];
      cells += label == Outcome.IGNORED ? 0 : 1;
      wrong += label == Outcome.IGNORED || label == answer[i] ? 0 : 1;
    }
    return new Outcome(
        row.index(),
        example,
        answer,
        row.segment(),
        cells,
        wrong,
        rules != null && rules.solves(example.inputs(), answer),
        heads.qHalt()[b],
        heads.qContinue()[b],
        model.config().halts(heads.qHalt()[b], heads.qContinue()[b]));
  }

  private boolean halts(Outcome outcome) {
    return outcome.segments() == options.segments()
        || switch (options.policy()) {
          case MAX_STEPS -> false;
          case Q_HEAD -> outcome.signal();
          case VERIFIED -> outcome.solved();
        };
  }

  /** The rows in hand with what belongs to them on the device. */
  private final class Lane {
    private final HighLevel high;
    private List<Row> rows = new ArrayList<>(); // null: halted
    private Carry carry;
    private HiddenState inputs;
    private int next; // puzzle that has no row yet

    Lane(HighLevel high) {
      this.high = high;
    }

    /**
     * Closes up the rows that go on and seats new puzzles behind them.
     *
     * @return whether any row is left
     */
    boolean reseat() {
      int[] staying = IntStream.range(0, rows.size()).filter(b -> rows.get(b) != null).toArray();
      int fresh = Math.min(options.batch() - staying.length, data.size() - next);
      if (fresh == 0 && staying.length == rows.size()) {
        return !rows.isEmpty();
      }
      List<Row> seated = new ArrayList<>();
      int[] from = Arrays.copyOf(staying, staying.length + fresh);
      for (int b = 0; b < from.length; b++) {
        if (b < staying.length) {
          seated.add(rows.get(from[b]));
        } else {
          from[b] = -1;
          seated.add(row(next++));
        }
      }
      rows = seated;
      Carry before = carry;
      carry = from.length == 0 ? null : high.seat(before, from);
      if (before != null) {
        before.close();
        inputs.close();
      }
      inputs = from.length == 0 ? null : embed();
      return from.length > 0;
    }

    private Row row(int index) {
      Example example = data.example(index);
      HrmConfig c = model.config();
      if (c.puzzleEmbNdim() > 0 && example.identifier() >= c.numPuzzleIdentifiers()) {
        throw new IllegalArgumentException(
            "puzzle %d of the data has identifier %d, but model %s has num_puzzle_identifiers %d; give the data that it was trained for"
                .formatted(index, example.identifier(), model.name(), c.numPuzzleIdentifiers()));
      }
      return new Row(index, example, 1);
    }

    private HiddenState embed() {
      return high.embed(
          rows.stream().map(row -> row.example().inputs()).toArray(int[][]::new),
          rows.stream().mapToInt(row -> row.example().identifier()).toArray());
    }
  }
}
