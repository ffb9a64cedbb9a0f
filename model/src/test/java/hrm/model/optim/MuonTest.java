package hrm.model.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.Backend;
import hrm.model.Block;
import hrm.model.Kernels;
import hrm.model.cpu.Nd4jBackend;
import hrm.model.nd4j.ArrayBackend;
import hrm.model.reference.ReferenceBackend;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MuonTest {
  private static final double LR = 0.1;
  private static final double DECAY = 0.5;

  static Stream<Backend> backends() {
    return Stream.of(new ReferenceBackend(), new Nd4jBackend(2), new ArrayBackend());
  }

  @ParameterizedTest
  @MethodSource("backends")
  void step_ofAWideMatrix_isTheFormula(Backend backend) {
    check(backend, 3, 7);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void step_ofATallMatrix_isTheFormula(Backend backend) {
    check(backend, 8, 3);
  }

  /** Two steps against Newton-Schulz in double, written out once more. */
  private static void check(Backend backend, int rows, int columns) {
    int n = rows * columns;
    Kernels k = backend.open();
    Block value = k.allocate(n);
    Block gradient = k.allocate(n);
    float[] start = random(n, 1);
    value.write(0, start, 0, n);
    Parameter parameter =
        new Parameter("L_level.layers.0.mlp.down_proj.weight", value, gradient, rows, columns);
    Optimizer optimizer =
        Optimizer.of(
            new Optimizer.Options(Optimizer.Kind.MUON, DECAY, 0, 0.9, 0.95, 0.9),
            List.of(parameter),
            k);
    double[] x = new double[n];
    double[] momentum = new double[n];
    java.util.Arrays.setAll(x, i -> start[i]);
    for (int t = 1; t <= 2; t++) {
      float[] g = random(n, 10 + t);
      gradient.write(0, g, 0, n);
      optimizer.step(new Optimizer.Rates(LR, 0, 0), t);
      double[] nesterov = new double[n];
      for (int i = 0; i < n; i++) {
        momentum[i] = 0.9 * momentum[i] + g[i];
        nesterov[i] = g[i] + 0.9 * momentum[i];
      }
      double[] turn = newtonSchulz(nesterov, rows, columns);
      for (int i = 0; i < n; i++) {
        x[i] =
            x[i] * (1 - LR * DECAY)
                - LR * Math.sqrt(Math.max(1, (double) rows / columns)) * turn[i];
      }
      float[] ours = new float[n];
      value.read(0, ours, 0, n);
      for (int i = 0; i < n; i++) {
        assertEquals(x[i], ours[i], 1e-4, "step " + t + " element " + i);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void update_ofAnyGradient_isNearlyOrthogonal(Backend backend) {
    int rows = 16;
    int columns = 48;
    Kernels k = backend.open();
    Block value = k.allocate(rows * columns);
    Block gradient = k.allocate(rows * columns);
    gradient.write(0, random(rows * columns, 3), 0, rows * columns);
    Parameter parameter =
        new Parameter("H_level.layers.1.self_attn.o_proj.weight", value, gradient, rows, columns);
    Optimizer.of(
            new Optimizer.Options(Optimizer.Kind.MUON, 0, 0, 0.9, 0.95, 0.9), List.of(parameter), k)
        .step(new Optimizer.Rates(1, 0, 0), 1);
    float[] x = new float[rows * columns];
    value.read(0, x, 0, x.length);
    for (int i = 0; i < rows; i++) {
      double norm = 0;
      for (int c = 0; c < columns; c++) {
        norm += x[i * columns + c] * x[i * columns + c];
      }
      assertTrue(norm > 0.4 && norm < 1.5, "row " + i + " has squared norm " + norm);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void embeddingsAndHeads_moveByAdamW(Backend backend) {
    Kernels k = backend.open();
    Block value = k.allocate(4);
    Block gradient = k.allocate(4);
    gradient.write(0, new float[] {5, -5, 0.1f, 0}, 0, 4);
    Parameter parameter = new Parameter("lm_head.weight", value, gradient, 2, 2);
    Optimizer.of(
            new Optimizer.Options(Optimizer.Kind.MUON, 0, 0, 0.9, 0.95, 0.9), List.of(parameter), k)
        .step(new Optimizer.Rates(1, 0.01, 0), 1);
    float[] x = new float[4];
    value.read(0, x, 0, 4);
    assertArrayEquals(new float[] {-0.01f, 0.01f, -0.01f, 0}, x, 1e-6f);
  }

  private static double[] newtonSchulz(double[] g, int rows, int columns) {
    double norm = 0;
    for (double v : g) {
      norm += v * v;
    }
    norm = Math.sqrt(norm);
    double[][] x = new double[rows][columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        x[i][j] = g[i * columns + j] / norm;
      }
    }
    for (int step = 0; step < 5; step++) {
      double[][] a = product(x, transposed(x));
      double[][] ax = product(a, x);
      double[][] aax = product(a, ax);
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          x[i][j] = 3.4445 * x[i][j] - 4.7750 * ax[i][j] + 2.0315 * aax[i][j];
        }
      }
    }
    double[] flat = new double[rows * columns];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(x[i], 0, flat, i * columns, columns);
    }
    return flat;
  }

  private static double[][] product(double[][] a, double[][] b) {
    double[][] c = new double[a.length][b[0].length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < b[0].length; j++) {
        for (int l = 0; l < b.length; l++) {
          c[i][j] += a[i][l] * b[l][j];
        }
      }
    }
    return c;
  }

  private static double[][] transposed(double[][] a) {
    double[][] t = new double[a[0].length][a.length];
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a[0].length; j++) {
        t[j][i] = a[i][j];
      }
    }
    return t;
  }

  private static float[] random(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }
}
