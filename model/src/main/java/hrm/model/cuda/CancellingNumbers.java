package hrm.model.cuda;

import java.util.SplittableRandom;

/**
 * Factors whose products' sums are zero but for rounding, so that two ways of adding them leave
 * different remainders, which even bfloat16 shows. Each row's second half is its first half in
 * another order, the same for all rows; of one factor with the other sign. Of an odd length the
 * last is zero.
 */
final class CancellingNumbers {
  private final SplittableRandom random = new SplittableRandom(1);
  private final int[] other; // which number of the first half stands there in the second

  CancellingNumbers(int length) {
    other = new int[length];
    int half = length / 2;
    for (int p = 0; p < half; p++) {
      int swapped = random.nextInt(p + 1);
      other[half + p] = other[half + swapped];
      other[half + swapped] = p;
    }
  }

  /** (rows, length) */
  float[] plain(int rows) {
    return rows(rows, 1);
  }

  /** (rows, length), the second halves negated. */
  float[] negated(int rows) {
    return rows(rows, -1);
  }

  private float[] rows(int rows, int sign) {
    int length = other.length;
    int half = length / 2;
    float[] values = new float[Math.multiplyExact(rows, length)];
    for (int from = 0; from < values.length; from += length) {
      for (int p = 0; p < 2 * half; p++) {
        values[from + p] = p < half ? any() : sign * values[from + other[p]];
      }
    }
    return values;
  }

  /** Of a wide range, so that sums round. */
  private float any() {
    return (float) Math.scalb(random.nextDouble(-1, 1), -random.nextInt(8));
  }
}
