package hrm.model;

import java.util.Arrays;

/** The halting head of a batch that learns: q = W z_H[position 0] + b, on the host. */
final class QHead {
  private final HrmConfig c;
  private final float[] weight; // (2, D)
  private final float[] bias; // (2)
  private final float[] dWeight;
  private final float[] dBias = new float[2];
  private final Kernels k;
  private final int[] positions; // the row of each sample's position 0
  private final Block firstBlock; // (B, D): position 0 of every row
  private final Block dFirstBlock;
  private final float[] first; // (B, D)

  QHead(HrmConfig c, Kernels k, int batch) {
    this.c = c;
    this.k = k;
    this.positions = new int[batch];
    Arrays.setAll(positions, b -> b * c.sequence());
    this.firstBlock = k.allocateActivation((long) batch * c.hiddenSize());
    this.dFirstBlock = k.allocateActivation((long) batch * c.hiddenSize());
    this.weight = new float[2 * c.hiddenSize()];
    this.bias = new float[2];
    this.dWeight = new float[2 * c.hiddenSize()];
    this.first = new float[batch * c.hiddenSize()];
  }

  /** Takes over the parameters as they stand on the device. */
  void load(Block weight, Block bias) {
    Host.read(weight, this.weight);
    Host.read(bias, this.bias);
  }

  /** Writes q_halt and q_continue (B) of a state (B, S, D). */
  void read(Block z, float[] qHalt, float[] qContinue) {
    readFirst(z);
    for (int b = 0; b < qHalt.length; b++) {
      qHalt[b] = q(0, b);
      qContinue[b] = q(1, b);
    }
  }

  private void readFirst(Block z) {
    k.gather(z, positions, null, firstBlock, c.hiddenSize());
    Host.read(firstBlock, first);
  }

  private float q(int row, int sample) {
    int d = c.hiddenSize();
    double sum = bias[row];
    for (int i = 0; i < d; i++) {
      sum += (double) weight[row * d + i] * first[sample * d + i];
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
    Arrays.fill(dWeight, 0);
    Arrays.fill(dBias, 0);
    readFirst(z);
    for (int b = 0; b < dQ.length / 2; b++) {
      for (int row = 0; row < 2; row++) {
        dBias[row] += dQ[2 * b + row];
        for (int i = 0; i < d; i++) {
          dWeight[row * d + i] += dQ[2 * b + row] * first[b * d + i];
        }
      }
      for (int i = 0; i < d; i++) {
        first[b * d + i] = dQ[2 * b] * weight[i] + dQ[2 * b + 1] * weight[d + i];
      }
    }
    Host.write(dFirstBlock, first);
    k.addRows(dFirstBlock, positions, dz, d);
    Host.write(gradientOfWeight, dWeight);
    Host.write(gradientOfBias, dBias);
  }
}
