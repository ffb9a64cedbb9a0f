package hrm.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Both halves of a model on one backend, and a carry. */
final class CudaSession implements AutoCloseable {
  final HighLevel high;
  final LowLevel low;
  private final HrmConfig c;
  private final Hrm hrm;
  private Carry carry;
  private HiddenState inputs;

  CudaSession(Backend backend, Weights weights) {
    c = weights.config();
    high = new HighLevel(c, weights, backend.open());
    low = new LowLevel(c, weights, backend.open());
    hrm = new Hrm(high, low, c);
  }

  void begin(Fixtures golden, int batch) {
    Fixtures of =
        golden.arrays().containsKey("batch.inputs")
            ? golden
            : Fixtures.safetensors("tiny_eval.safetensors");
    begin(of.rows("batch.inputs", batch), of.ints("batch.puzzle_identifiers"), batch);
  }

  /** Inputs by a seed; row i is the same in every batch. */
  void begin(int batch, long seed) {
    Random random = new Random(seed);
    int[][] tokens = new int[batch][c.seqLen()];
    for (int[] row : tokens) {
      Arrays.setAll(row, i -> random.nextInt(c.vocabSize()));
    }
    begin(tokens, new int[batch], batch);
  }

  private void begin(int[][] tokens, int[] ids, int batch) {
    end();
    int[] fresh = new int[batch];
    Arrays.fill(fresh, -1);
    carry = high.seat(null, fresh);
    inputs = high.embed(tokens, ids);
  }

  Hrm.Segment segment() {
    return segment((ticks, before, after) -> {});
  }

  Hrm.Segment segment(Hrm.Observer observer) {
    Hrm.Segment segment = hrm.segment(carry, inputs, observer);
    carry.close();
    carry = segment.carry();
    return segment;
  }

  /** A segment whose residuals come with the heads: those of z_L, tick by tick, then of z_H. */
  List<float[]> traced() {
    Hrm.Traced traced = hrm.traced(carry, inputs);
    carry.close();
    carry = traced.segment().carry();
    List<float[]> all = new ArrayList<>(List.of(traced.zL()));
    all.addAll(List.of(traced.zH()));
    return all;
  }

  /** The same, each waited for in its cycle. */
  List<float[]> observed() {
    List<float[]> low = new ArrayList<>();
    List<float[]> steps = new ArrayList<>();
    segment(
        (ticks, before, after) -> {
          low.addAll(List.of(ticks.residuals()));
          steps.add(high.residuals(before, after));
        });
    low.addAll(steps);
    return low;
  }

  /** Whether residuals are the same, whenever they are read, segment after segment. */
  static boolean residualsAgree(Backend backend, int segments, int batch) {
    Weights weights = Fixtures.recipe("tiny_recipe.json");
    boolean agree = true;
    try (CudaSession late = new CudaSession(backend, weights);
        CudaSession early = new CudaSession(backend, weights)) {
      late.begin(batch, 5);
      early.begin(batch, 5);
      for (int i = 0; i < segments; i++) {
        agree &= Arrays.deepEquals(late.traced().toArray(), early.observed().toArray());
      }
    }
    return agree;
  }

  float[] zH() {
    return read(carry.zH());
  }

  float[] zL() {
    return read(carry.zL());
  }

  private static float[] read(HiddenState z) {
    float[] values = new float[z.batch() * z.sequence() * z.hidden()];
    z.read(values);
    return values;
  }

  private void end() {
    if (carry != null) {
      carry.close();
      inputs.close();
    }
  }

  @Override
  public void close() {
    end();
    high.close();
    low.close();
  }

  /** z_H after some segments, for each of some batch sizes in turn. */
  static List<float[]> states(Backend backend, int segments, int... batches) {
    List<float[]> states = new ArrayList<>();
    try (CudaSession s = new CudaSession(backend, Fixtures.recipe("tiny_recipe.json"))) {
      for (int batch : batches) {
        s.begin(batch, 5);
        for (int i = 0; i < segments; i++) {
          s.segment();
        }
        states.add(s.zH());
      }
    }
    return states;
  }
}
