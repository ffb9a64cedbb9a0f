package hrm.model.host;

import hrm.model.Block;
import hrm.model.Loss;
import hrm.model.host.HostKernels.Look;

/** The halting head and the losses of a batch, sample after sample, in double. */
final class HostHeads {
  private static final int CHUNK = 8192;

  private HostHeads() {}

  static void forward(Block z, Block w, Block bias, Block q, int batch, int per, int d) {
    float[] weight = Host.read(w);
    float[] start = Host.read(bias);
    float[] first = new float[d];
    float[] out = new float[2 * batch];
    for (int b = 0; b < batch; b++) {
      z.read((long) b * per * d, first, 0, d);
      for (int row = 0; row < 2; row++) {
        double sum = start[row];
        for (int i = 0; i < d; i++) {
          sum += (double) weight[row * d + i] * first[i];
        }
        out[2 * b + row] = (float) sum;
      }
    }
    q.write(0, out, 0, out.length);
  }

  static void backward(
      Block z, Block w, Block dq, Block dz, Block dw, Block dBias, int batch, int per, int d) {
    float[] weight = Host.read(w);
    float[] slope = new float[2 * batch];
    dq.read(0, slope, 0, slope.length);
    float[] weightSlope = new float[2 * d];
    float[] biasSlope = new float[2];
    float[] first = new float[d];
    float[] firstSlope = new float[d];
    for (int b = 0; b < batch; b++) {
      long at = (long) b * per * d;
      z.read(at, first, 0, d);
      dz.read(at, firstSlope, 0, d);
      for (int row = 0; row < 2; row++) {
        float by = slope[2 * b + row];
        biasSlope[row] += by;
        for (int i = 0; i < d; i++) {
          weightSlope[row * d + i] += by * first[i];
        }
      }
      for (int i = 0; i < d; i++) {
        firstSlope[i] += slope[2 * b] * weight[i] + slope[2 * b + 1] * weight[d + i];
      }
      dz.write(at, firstSlope, 0, d);
    }
    Host.write(dw, weightSlope);
    Host.write(dBias, biasSlope);
  }

  static void cellLoss(
      Block logits, int[] labels, Block dLogits, Block seen, Loss.Cells of, Look s) {
    int n = s.per() * s.vocab();
    float[] x = new float[n];
    float[] dx = new float[n];
    float[] row = new float[3];
    for (int b = 0; b < s.batch(); b++) {
      logits.read((long) b * n, x, 0, n);
      Loss.row(x, dx, labels, b * s.length(), row, of, s);
      dLogits.write((long) b * n, dx, 0, n);
      seen.write(3L * b, row, 0, 3);
    }
  }

  static void haltingLoss(
      Block q, Block seen, Block next, int[] last, Block dq, int batch, float scale) {
    float[] now = new float[2 * batch];
    float[] then = new float[2 * batch];
    float[] cells = new float[3 * batch];
    float[] slope = new float[2 * batch];
    q.read(0, now, 0, now.length);
    seen.read(0, cells, 0, cells.length);
    if (next != null) {
      next.read(0, then, 0, then.length);
    }
    for (int b = 0; b < batch; b++) {
      int exact = cells[3 * b + 1] == cells[3 * b + 2] ? 1 : 0;
      slope[2 * b] = (float) (scale * (Loss.sigmoid(now[2 * b]) - exact));
      if (next != null) {
        double target = Loss.target(then[2 * b], then[2 * b + 1], last[b] == 1);
        slope[2 * b + 1] = (float) (scale * (Loss.sigmoid(now[2 * b + 1]) - target));
      }
    }
    dq.write(0, slope, 0, slope.length);
  }

  static void normalise(Block x, int n, float eps) {
    float[] part = new float[Math.min(n, CHUNK)];
    double squares = 0;
    for (int at = 0; at < n; at += CHUNK) {
      int count = Math.min(CHUNK, n - at);
      x.read(at, part, 0, count);
      for (int i = 0; i < count; i++) {
        squares += (double) part[i] * part[i];
      }
    }
    float scale = 1 / ((float) Math.sqrt(squares) + eps);
    for (int at = 0; at < n; at += CHUNK) {
      int count = Math.min(CHUNK, n - at);
      x.read(at, part, 0, count);
      for (int i = 0; i < count; i++) {
        part[i] *= scale;
      }
      x.write(at, part, 0, count);
    }
  }
}
