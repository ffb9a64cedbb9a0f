package hrm.model.host;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import hrm.model.Backends;
import hrm.model.Block;
import hrm.model.Kernels;
import hrm.model.Loss;
import hrm.model.reference.ReferenceBackend;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The ends of a model: gradients against finite differences, updates against their formulas. */
class HostKernelsTest {
  private static final Kernels.Look LOOK = new Kernels.Look(2, 4, 1, 3, 5);
  private static final float SCALE = 0.5f;

  private final Kernels k = new ReferenceBackend().open();

  static Stream<Kernels> devices() {
    return Stream.of(new ReferenceBackend().open(), Backends.named("nd4j", 2).open());
  }

  private static float[] random(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @ParameterizedTest
  @EnumSource(Loss.Type.class)
  void cellLoss_gradient_isFiniteDifferenceOfTheMean_andLeavesOutWhatDoesNotCount(Loss.Type type) {
    int[] labels = {1, Loss.IGNORED, 4, 0, 2, 2, Loss.IGNORED, Loss.IGNORED};
    float[] x = random(2 * LOOK.per() * LOOK.vocab(), 1);
    float[] slope = new float[x.length];
    double ignored = loss(type, labels, x, slope);
    assertEquals(ignored, loss(type, labels, x, new float[x.length]), 0);
    float h = 1e-2f;
    for (int i = 0; i < x.length; i++) {
      int position = i / LOOK.vocab() % LOOK.per();
      int row = i / LOOK.vocab() / LOOK.per();
      boolean counts = position > 0 && labels[4 * row + position - 1] != Loss.IGNORED;
      float[] up = x.clone();
      float[] down = x.clone();
      up[i] += h;
      down[i] -= h;
      double difference =
          (loss(type, labels, up, new float[x.length])
                  - loss(type, labels, down, new float[x.length]))
              / ((double) up[i] - down[i]);
      assertEquals(SCALE * difference, slope[i], counts ? 2e-4 : 0, "element " + i);
    }
  }

  private double loss(Loss.Type type, int[] labels, float[] x, float[] slope) {
    Block dLogits = Host.block(k, random(x.length, 9)); // what was there before is gone
    Block seen = k.allocate(6);
    k.cellLoss(Host.block(k, x), labels, dLogits, seen, new Loss.Cells(type, 0.1f, SCALE), LOOK);
    Host.read(dLogits, slope);
    float[] rows = Host.read(seen);
    assertArrayEquals(new float[] {3, 2}, new float[] {rows[2], rows[5]});
    return rows[0] + rows[3];
  }

  @Test
  void cellLoss_countsCorrectCells_andARowWithoutLabelsHasNoLoss() {
    float[] x = new float[2 * LOOK.per() * LOOK.vocab()];
    x[1 * 5 + 3] = 9; // row 0, cell 0 says 3
    x[2 * 5 + 1] = 9; // cell 1 says 1
    int none = Loss.IGNORED;
    Block seen = k.allocate(6);
    k.cellLoss(
        Host.block(k, x),
        new int[] {3, 2, none, none, none, none, none, none},
        k.allocate(x.length),
        seen,
        new Loss.Cells(Loss.Type.STABLEMAX, 0, 1),
        LOOK);
    float[] rows = Host.read(seen);
    assertArrayEquals(new float[] {1, 2, 0, 0, 0}, java.util.Arrays.copyOfRange(rows, 1, 6));
  }

  @Test
  void qHead_gradients_areFiniteDifferences() {
    int d = 3;
    float[] z = random(2 * 4 * d, 1);
    float[] w = random(2 * d, 2);
    float[] bias = random(2, 3);
    float[] dq = random(4, 4);
    Block dz = Host.block(k, new float[z.length]);
    Block dw = k.allocate(w.length);
    Block dBias = k.allocate(2);
    k.qHeadBackward(Host.block(k, z), Host.block(k, w), Host.block(k, dq), dz, dw, dBias, 2, 4, d);
    List<float[]> inputs = List.of(z, w, bias);
    List<float[]> slopes = List.of(Host.read(dz), Host.read(dw), Host.read(dBias));
    for (int which = 0; which < 3; which++) {
      float[] x = inputs.get(which);
      for (int i = 0; i < x.length; i++) {
        float before = x[i];
        x[i] = before + 0.5f;
        double up = along(dq, z, w, bias, d);
        x[i] = before - 0.5f;
        double down = along(dq, z, w, bias, d);
        x[i] = before;
        assertEquals(up - down, slopes.get(which)[i], 1e-5, which + " " + i); // it is linear
      }
    }
  }

  private double along(float[] dq, float[] z, float[] w, float[] bias, int d) {
    Block q = k.allocate(4);
    k.qHead(Host.block(k, z), Host.block(k, w), Host.block(k, bias), q, 2, 4, d);
    double sum = 0;
    for (int i = 0; i < 4; i++) {
      sum += (double) dq[i] * Host.read(q)[i];
    }
    return sum;
  }

  @ParameterizedTest
  @MethodSource("devices")
  void signSgd_movesARowOnce_byTheSumOfItsGradients_andNoOther(Kernels device) {
    Block table = Host.block(device, new float[] {1, 2, 7, 3, 4, 7, 5, 6, 7});
    Block gradient = Host.block(device, new float[] {3, -1, 9, 1, 0, 9, -4, -1, 9});
    device.signSgd(table, new int[] {2, 0, 2}, gradient, 3, 2, 0.5f, 0.2f);
    float[] expected = {0.9f - 0.5f, 1.8f, 7, 3, 4, 7, 4.5f + 0.5f, 5.4f + 0.5f, 7};
    assertArrayEquals(expected, Host.read(table), 1e-6f);
  }

  @ParameterizedTest
  @MethodSource("devices")
  void normalise_dividesByTheNorm_overSeveralChunks(Kernels device) {
    int n = 20000;
    float[] x = random(n, 5);
    double squares = 0;
    for (float value : x) {
      squares += (double) value * value;
    }
    Block block = Host.block(device, x);
    device.normalise(block, n, 1f);
    float[] scaled = Host.read(block);
    for (int i = 0; i < n; i++) {
      assertEquals(x[i] / (Math.sqrt(squares) + 1), scaled[i], 1e-7);
    }
  }

  @Test
  void haltingLoss_pullsTowardsExactness_andWhatTheNextSegmentSays() {
    Block q = Host.block(k, new float[] {0, 0, 0, 0});
    Block seen = Host.block(k, new float[] {0, 4, 4, 0, 3, 4});
    Block next = Host.block(k, new float[] {-2, 3, -2, 3});
    Block dq = k.allocate(4);
    k.haltingLoss(q, seen, next, new int[] {0, 1}, dq, 2, 1);
    float last = (float) (0.5 - Loss.sigmoid(-2));
    float goesOn = (float) (0.5 - Loss.sigmoid(3));
    assertArrayEquals(new float[] {-0.5f, goesOn, 0.5f, last}, Host.read(dq), 1e-6f);
    k.haltingLoss(q, seen, null, new int[] {0, 1}, dq, 2, 1);
    assertArrayEquals(new float[] {-0.5f, 0, 0.5f, 0}, Host.read(dq), 1e-6f);
  }
}
