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
   * Rows hashed side by side: a hash is one long chain of multiplications, which a core does not
   * wait for when it has others to do meanwhile.
   */
  private static final int ABREAST = 4;

  private final float[][] values = new float[ABREAST][0];

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
      long[] hashes = count == 1 ? new long[] {hash(values[0])} : hashes(values);
      for (int lane = 0; lane < count; lane++) {
        features[rows[from + lane]] =
            Tensor.newBuilder()
                .setName(name)
                .addShape(state.sequence())
                .addShape(state.hidden())
                .setDtype("float32")
                .setNorm(norm(values[lane]))
                .setHash(hashes[lane])
                .build();
      }
    }
    return features;
  }

  static long hash(float[] values) {
    long hash = OFFSET;
    for (float value : values) {
      int bits = Float.floatToRawIntBits(value);
      hash = (hash ^ (bits & 0xff)) * PRIME;
      hash = (hash ^ (bits >>> 8 & 0xff)) * PRIME;
      hash = (hash ^ (bits >>> 16 & 0xff)) * PRIME;
      hash = (hash ^ (bits >>> 24)) * PRIME;
    }
    return hash;
  }

  private static long[] hashes(float[][] rows) {
    float[] first = rows[0];
    float[] second = rows[1];
    float[] third = rows[2];
    float[] fourth = rows[3];
    long a = OFFSET;
    long b = OFFSET;
    long c = OFFSET;
    long d = OFFSET;
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
    }
    return new long[] {a, b, c, d};
  }

  private static float norm(float[] values) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = 0;
    for (; i + 4 <= values.length; i += 4) {
      a += (double) values[i] * values[i];
      b += (double) values[i + 1] * values[i + 1];
      c += (double) values[i + 2] * values[i + 2];
      d += (double) values[i + 3] * values[i + 3];
    }
    for (; i < values.length; i++) {
      a += (double) values[i] * values[i];
    }
    return (float) Math.sqrt(a + b + c + d);
  }
}
