package hrm.model.host;

import hrm.model.Block;
import hrm.model.host.HostKernels.Look;
import java.util.Arrays;

/** Look-up of tokens and puzzles, its gradient and the puzzles' update, row after row. */
final class HostEmbedding {
  private static final float HALF_ROOT = 0.707106781f;

  private HostEmbedding() {}

  static void embed(Block tokens, Block puzzles, Block positions, int[] ids, Block y, Look s) {
    float[] table = Host.read(tokens);
    float[] places = positions == null ? null : Host.read(positions);
    float[] row = new float[s.per() * s.d()];
    int prefix = s.prefix() * s.d();
    float root = (float) Math.sqrt(s.d());
    for (int b = 0; b < s.batch(); b++) {
      if (prefix > 0) {
        puzzles.read((long) b * prefix, row, 0, prefix);
      }
      for (int i = 0; i < s.length(); i++) {
        int token = ids[b * s.length() + i];
        System.arraycopy(table, token * s.d(), row, prefix + i * s.d(), s.d());
      }
      for (int i = 0; i < row.length; i++) {
        row[i] = root * (places == null ? row[i] : HALF_ROOT * (row[i] + places[i]));
      }
      y.write((long) b * row.length, row, 0, row.length);
    }
  }

  static void backward(Block dy, int[] ids, Block dTokens, Block dPositions, Look s, float scale) {
    float[] tokens = new float[s.vocab() * s.d()];
    float[] row = new float[s.per() * s.d()];
    float[] places = dPositions == null ? null : new float[row.length];
    int prefix = s.prefix() * s.d();
    for (int b = 0; b < s.batch(); b++) {
      dy.read((long) b * row.length, row, 0, row.length);
      for (int i = 0; i < s.length(); i++) {
        int token = ids[b * s.length() + i] * s.d();
        int at = prefix + i * s.d();
        for (int j = 0; j < s.d(); j++) {
          tokens[token + j] += scale * row[at + j];
        }
      }
      for (int i = 0; places != null && i < row.length; i++) {
        places[i] += scale * row[i];
      }
    }
    Host.write(dTokens, tokens);
    if (places != null) {
      Host.write(dPositions, places);
    }
  }

  static void signSgd(
      Block table, int[] ids, Block gradient, int width, int n, float lr, float decay) {
    boolean[] done = new boolean[ids.length];
    float[] row = new float[n];
    double[] sum = new double[n];
    for (int first = 0; first < ids.length; first++) {
      if (done[first]) {
        continue;
      }
      Arrays.fill(sum, 0);
      for (int b = first; b < ids.length; b++) {
        if (ids[b] == ids[first]) {
          done[b] = true;
          gradient.read((long) b * width, row, 0, n);
          for (int i = 0; i < n; i++) {
            sum[i] += row[i];
          }
        }
      }
      table.read((long) ids[first] * width, row, 0, n);
      for (int i = 0; i < n; i++) {
        row[i] = (float) (row[i] * (1 - (double) lr * decay) - lr * Math.signum(sum[i]));
      }
      table.write((long) ids[first] * width, row, 0, n);
    }
  }
}
