package hrm.model;

/** The halting head of a batch that learns: q = W z_H[position 0] + b, on the host. */
final class QHead {
  private final HrmConfig c;
  private final float[] weight; // (2, D)
  private final float[] bias; // (2)
  private final float[] dWeight;
  private final float[] dBias = new float[2];
  private final float[] first; // (D)

  QHead(HrmConfig c) {
    this.c = c;
    this.weight = new float[2 * c.hiddenSize()];
    this.bias = new float[2];
    this.dWeight = new float[2 * c.hiddenSize()];
    this.first = new float[c.hiddenSize()];
  }

  /** Takes over the parameters as they stand on the device. */
  void load(Block weight, Block bias) {
    Host.read(weight, this.weight);
    Host.read(bias, this.bias);
  }

  /** Writes q_halt and q_continue (B) of a state (B, S, D). */
  void read(Block z, float[] qHalt, float[] qContinue) {
    for (int b = 0; b < qHalt.length; b++) {
      z.read((long) b * c.sequence() * c.hiddenSize(), first, 0, c.hiddenSize());
      qHalt[b] = q(0);
      qContinue[b] = q(1);
    }
  }

  private float q(int row) {
    int d = c.hiddenSize();
    double sum = bias[row];
    for (int i = 0; i < d; i++) {
      sum += (double) weight[row * d + i] * first[i];
    }
    return (float) sum;
  }

  /**
   * Adds to dz (B, S, D) and sets the gradients of weight and bias.
   *
   * @param dQ (B, 2)
   */
  void backward(Block z, float[] dQ, Block dz, Block gradientOfWeight, Block gradientOfBias) {
    int d = c.hiddenSize();
    java.util.Arrays.fill(dWeight, 0);
    java.util.Arrays.fill(dBias, 0);
    for (int b = 0; b < dQ.length / 2; b++) {
      long at = (long) b * c.sequence() * d;
      z.read(at, first, 0, d);
      for (int row = 0; row < 2; row++) {
        dBias[row] += dQ[2 * b + row];
        for (int i = 0; i < d; i++) {
          dWeight[row * d + i] += dQ[2 * b + row] * first[i];
        }
      }
      dz.read(at, first, 0, d);
      for (int i = 0; i < d; i++) {
        first[i] += dQ[2 * b] * weight[i] + dQ[2 * b + 1] * weight[d + i];
      }
      dz.write(at, first, 0, d);
    }
    Host.write(gradientOfWeight, dWeight);
    Host.write(gradientOfBias, dBias);
  }
}
