package hrm.model.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class Atan2Test {
  @Test
  void atan2_ofAnyScale_isTheLibrarysOne() {
    SplittableRandom random = new SplittableRandom(1);
    int n = 10_000;
    float[] y = new float[n];
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      double scale = Math.pow(10, random.nextInt(-13, 12));
      y[i] = (float) (random.nextGaussian() * scale);
      x[i] = (float) Math.abs(random.nextGaussian() * scale * Math.pow(10, random.nextInt(-3, 4)));
    }
    x[0] = y[0] = 0;
    x[1] = 0;
    y[1] = 1e-31f;
    x[2] = 0;
    y[2] = -1e18f;
    float[] angle = x.clone();
    FastMath.atan2(y, angle, new float[n], n);
    for (int i = 0; i < n; i++) {
      assertEquals(Math.atan2(y[i], x[i]), angle[i], 3e-7, y[i] + " / " + x[i]);
    }
  }
}
