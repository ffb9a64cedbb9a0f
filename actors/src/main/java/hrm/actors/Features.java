package hrm.actors;

import hrm.model.HiddenState;
import hrm.proto.Tensor;

/**
 * Features of rows of hidden states: shape, Frobenius norm, and FNV-1a (64 bits) of the row's
 * little-endian float32 bytes. For one thread.
 */
final class Features {
  private static final long OFFSET = 0xcbf29ce484222325L;
  private static final long PRIME = 0x100000001b3L;

  /**
   * Rows taken side by side: a hash is one long chain of multiplications, and a core has time for
   * three others, and for the norms, while it waits for one.
   */
  private static final int ABREAST = 4;

  private final float[][] values = new float[ABREAST][0];
  private final long[] hashes = new long[ABREAST];
  private final double[] squares = new double[ABREAST];

  /**
   * @param rows those wanted
   * @return by row; null for the others
   */
  Tensor[] of(String name, HiddenState state, int... rows) {
    Tensor[] features = new Tensor[state.batch()];
    int n = state.sequence() * state.hidden();
    if (values[0].length != n) {
      for (int lane = 0; lane < ABREAST; lane++) {
        values[lane] = new float[n];
      }
    }
    for (int from = 0; from < rows.length; from += ABREAST) {
      int count = Math.min(ABREAST, rows.length - from);
      for (int lane = 0; lane < count; lane++) {
        state.readRow(rows[from + lane], values[lane]);
      }
      if (count == 1) {
        one(values[0]);
      } else {
        four(values[0], values[1], values[2], values[3]);
      }
      for (int lane = 0; lane < count; lane++) {
        features[rows[from + lane]] =
            Tensor.newBuilder()
                .setName(name)
                .addShape(state.sequence())
                .addShape(state.hidden())
                .setDtype("float32")
                .setNorm((float) Math.sqrt(squares[lane]))
                .setHash(hashes[lane])
                .build();
      }
    }
    return features;
  }

  private void one(float[] first) {
    long a = OFFSET;
    double sum = 0;
    for (float value : first) {
      int p = Float.floatToRawIntBits(value);
      a = (a ^ (p & 0xff)) * PRIME;
      a = (a ^ (p >>> 8 & 0xff)) * PRIME;
      a = (a ^ (p >>> 16 & 0xff)) * PRIME;
      a = (a ^ (p >>> 24)) * PRIME;
      sum += (double) value * value;
    }
    hashes[0] = a;
    squares[0] = sum;
  }

  private void four(float[] first, float[] second, float[] third, float[] fourth) {
    long a = OFFSET;
    long b = OFFSET;
    long c = OFFSET;
    long d = OFFSET;
    double as = 0;
    double bs = 0;
    double cs = 0;
    double ds = 0;
    for (int i = 0; i < first.length; i++) {
      int p = Float.floatToRawIntBits(first[i]);
      int q = Float.floatToRawIntBits(second[i]);
      int r = Float.floatToRawIntBits(third[i]);
      int s = Float.floatToRawIntBits(fourth[i]);
      a = (a ^ (p & 0xff)) * PRIME;
      b = (b ^ (q & 0xff)) * PRIME;
      c = (c ^ (r & 0xff)) * PRIME;
      d = (d ^ (s & 0xff)) * PRIME;
      a = (a ^ (p >>> 8 & 0xff)) * PRIME;
      b = (b ^ (q >>> 8 & 0xff)) * PRIME;
      c = (c ^ (r >>> 8 & 0xff)) * PRIME;
      d = (d ^ (s >>> 8 & 0xff)) * PRIME;
      a = (a ^ (p >>> 16 & 0xff)) * PRIME;
      b = (b ^ (q >>> 16 & 0xff)) * PRIME;
      c = (c ^ (r >>> 16 & 0xff)) * PRIME;
      d = (d ^ (s >>> 16 & 0xff)) * PRIME;
      a = (a ^ (p >>> 24)) * PRIME;
      b = (b ^ (q >>> 24)) * PRIME;
      c = (c ^ (r >>> 24)) * PRIME;
      d = (d ^ (s >>> 24)) * PRIME;
      as += (double) first[i] * first[i];
      bs += (double) second[i] * second[i];
      cs += (double) third[i] * third[i];
      ds += (double) fourth[i] * fourth[i];
    }
    hashes[0] = a;
    hashes[1] = b;
    hashes[2] = c;
    hashes[3] = d;
    squares[0] = as;
    squares[1] = bs;
    squares[2] = cs;
    squares[3] = ds;
  }
}
