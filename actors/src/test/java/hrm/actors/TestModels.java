package hrm.actors;

import com.typesafe.config.ConfigFactory;
import hrm.model.Backend;
import hrm.model.Carry;
import hrm.model.Heads;
import hrm.model.HiddenState;
import hrm.model.HighLevel;
import hrm.model.Hrm;
import hrm.model.HrmConfig;
import hrm.model.LowLevel;
import hrm.model.Model;
import hrm.model.Weights;
import hrm.model.cpu.Nd4jBackend;
import hrm.proto.HaltingPolicy;
import hrm.proto.JobOptions;
import hrm.proto.PuzzleJob;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** A tiny model with random weights, jobs for it, and what its sequential function says of them. */
final class TestModels {
  static final Backend BACKEND = new Nd4jBackend(1);

  private static final AtomicInteger MODELS = new AtomicInteger();

  /** What one job's row holds after a segment. */
  record Row(float[] zH, float[] zL, float qHalt, float qContinue, int[] tokens) {}

  private TestModels() {}

  /** Solves (badly) 4x4 Sudokus. Each call's sha256 is new, so its actors find only each other. */
  static Model tiny() {
    return tiny("sudoku-4x4");
  }

  static Model tiny(String puzzle) {
    HrmConfig config =
        HrmConfig.parse(
            """
            {"seq_len": 16, "vocab_size": 6, "hidden_size": 32, "num_heads": 2, "H_layers": 1,
             "L_layers": 1, "H_cycles": 2, "L_cycles": 2, "halt_max_steps": 5,
             "num_puzzle_identifiers": 3, "puzzle": %s}
            """
                .formatted(puzzle == null ? "null" : '"' + puzzle + '"'));
    Weights weights = Weights.random(config, 7);
    SplittableRandom random = new SplittableRandom(8);
    // Published initialisation leaves these at zero; here every job is to have its own numbers.
    for (String name : List.of("q_head.weight", "q_head.bias", "puzzle_emb.weights")) {
      float[] data = weights.get(name);
      for (int i = 0; i < data.length; i++) {
        data[i] = (float) random.nextGaussian() / 4;
      }
    }
    int number = MODELS.incrementAndGet();
    return new Model("tiny-" + number, config, weights, "sha-" + number);
  }

  /** Settings as in reference.conf but for these lines. */
  static ActorsSettings settings(String... lines) {
    StringBuilder text = new StringBuilder();
    text.append("hrm.actors.max-lanes = 2\n");
    text.append("hrm.actors.pulse = 1m\n"); // tests tell messages one by one
    text.append("hrm.actors.silence = 10m\n");
    for (String line : lines) {
      text.append("hrm.actors.").append(line).append('\n');
      if (line.startsWith("lanes =")) { // as many as the test says, and no more
        text.append("hrm.actors.max-").append(line).append('\n');
      }
    }
    return ActorsSettings.of(
        ConfigFactory.parseString(text.toString()).withFallback(ConfigFactory.load()));
  }

  /** A puzzle of its own for every number. */
  static PuzzleJob job(Model model, int number, int maxSegments) {
    SplittableRandom random = new SplittableRandom(number);
    StringBuilder text = new StringBuilder("................");
    text.setCharAt(random.nextInt(16), (char) ('1' + random.nextInt(4)));
    return PuzzleJob.newBuilder()
        .setId("job-" + number)
        .setModel(model.name())
        .setText(text.toString())
        .setPuzzleIdentifier(number % 3)
        .setOptions(
            JobOptions.newBuilder().setHalting(HaltingPolicy.MAX_STEPS).setMaxSegments(maxSegments))
        .build();
  }

  static Task task(Model model, PuzzleJob job) {
    return new JobCheck(List.of(model), settings()).check(job);
  }

  /** The job alone, by the sequential function: its row after each segment. */
  static List<Row> alone(Model model, PuzzleJob job, int segments) {
    Task task = task(model, job);
    try (HighLevel high = model.highLevel(BACKEND);
        LowLevel low = model.lowLevel(BACKEND)) {
      Hrm hrm = new Hrm(high, low, model.config());
      HiddenState inputs =
          high.embed(new int[][] {task.tokens()}, new int[] {job.getPuzzleIdentifier()});
      Carry carry = high.seat(null, new int[] {-1});
      List<Row> rows = new ArrayList<>();
      for (int i = 0; i < segments; i++) {
        Hrm.Segment segment = hrm.segment(carry, inputs);
        carry = segment.carry();
        rows.add(row(carry, segment.heads(), 0));
      }
      return rows;
    }
  }

  /** Residuals of the last cycle of a job alone: of z_L per tick, then of z_H. */
  static List<Float> lastResiduals(Model model, PuzzleJob job, int segments) {
    try (HighLevel high = model.highLevel(BACKEND);
        LowLevel low = model.lowLevel(BACKEND)) {
      Hrm hrm = new Hrm(high, low, model.config());
      HiddenState inputs =
          high.embed(
              new int[][] {task(model, job).tokens()}, new int[] {job.getPuzzleIdentifier()});
      Carry carry = high.seat(null, new int[] {-1});
      List<Float> residuals = new ArrayList<>();
      for (int i = 0; i < segments; i++) {
        Hrm.Observer last =
            (ticks, before, after) -> {
              residuals.clear();
              for (float[] tick : ticks.residuals()) {
                residuals.add(tick[0]);
              }
              residuals.add(high.residuals(before, after)[0]);
            };
        carry = hrm.segment(carry, inputs, last).carry();
      }
      return residuals;
    }
  }

  static Row row(Carry carry, Heads heads, int row) {
    return new Row(
        floats(carry.zH(), row),
        floats(carry.zL(), row),
        heads.qHalt()[row],
        heads.qContinue()[row],
        heads.tokens(row));
  }

  private static float[] floats(HiddenState state, int row) {
    int n = state.sequence() * state.hidden();
    float[] all = new float[state.batch() * n];
    state.read(all);
    return java.util.Arrays.copyOfRange(all, row * n, (row + 1) * n);
  }
}
