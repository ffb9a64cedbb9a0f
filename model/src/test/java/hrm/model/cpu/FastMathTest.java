package hrm.model.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class FastMathTest {
  private static final int N = FastMath.RUN;
  private final float[] a = new float[N];
  private final float[] b = new float[N];

  @Test
  void sigmoids_onAGrid_areWithinFourRoundings() {
    for (float from = -120; from < 120; from += 0.7f) {
      float[] x = new float[N];
      for (int i = 0; i < N; i++) {
        x[i] = from + i * 0.0013f;
      }
      FastMath.sigmoids(x, 0, a, b, N);
      for (int i = 0; i < N; i++) {
        assertEquals(1 / (1 + Math.exp(-x[i])), a[i], 4e-7, "at " + x[i]);
      }
    }
  }

  @Test
  void exps_ofDifferences_areWithinThreeRoundings() {
    for (float from = -86; from < 0; from += 0.6f) {
      float[] x = new float[N];
      for (int i = 0; i < N; i++) {
        x[i] = Math.min(3, 3 + from + i * 0.0013f);
      }
      float[] y = x.clone();
      FastMath.exps(y, 0, 3, a, b, N);
      for (int i = 0; i < N; i++) {
        double exact = Math.exp(x[i] - 3);
        assertEquals(exact, y[i], exact * 4e-7, "at " + x[i]);
      }
    }
  }

  @Test
  void exps_farBelowTheMaximum_areNothing() {
    float[] x = {0, -500, -1e30f, Float.NEGATIVE_INFINITY};
    FastMath.exps(x, 0, 0, a, b, 4);
    assertEquals(1, x[0]);
    for (int i = 1; i < 4; i++) {
      assertEquals(0, x[i], 1e-37);
    }
  }
}
