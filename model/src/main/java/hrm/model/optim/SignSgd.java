package hrm.model.optim;

import java.util.Arrays;

/**
 * The puzzle embedding's own rule (CastedSparseEmbeddingSignSGD): rows of the batch move by the
 * sign of their summed gradient, all others stay. On the host: a batch touches few rows.
 */
public final class SignSgd {
  private final float[] table; // (ids, ndim)
  private final int ndim;
  private final double weightDecay;
  private final double[] sum;
  private final boolean[] done;

  public SignSgd(float[] table, int ndim, double weightDecay, int batch) {
    this.table = table;
    this.ndim = ndim;
    this.weightDecay = weightDecay;
    this.sum = new double[ndim];
    this.done = new boolean[batch];
  }

  public float[] table() {
    return table;
  }

  /**
   * w = w (1 - lr wd) - lr sign(sum of equal ids' gradients).
   *
   * @param ids (B) rows of the table
   * @param gradient (B, ndim)
   */
  public void step(double lr, int[] ids, float[] gradient) {
    Arrays.fill(done, false);
    for (int b = 0; b < ids.length; b++) {
      if (!done[b]) {
        gather(ids, b, gradient);
        for (int i = 0; i < ndim; i++) {
          int at = ids[b] * ndim + i;
          table[at] = (float) (table[at] * (1 - lr * weightDecay) - lr * Math.signum(sum[i]));
        }
      }
    }
  }

  private void gather(int[] ids, int first, float[] gradient) {
    Arrays.fill(sum, 0);
    for (int b = first; b < ids.length; b++) {
      if (ids[b] == ids[first]) {
        done[b] = true;
        for (int i = 0; i < ndim; i++) {
          sum[i] += gradient[b * ndim + i];
        }
      }
    }
  }
}
