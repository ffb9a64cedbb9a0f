package hrm.model.reference;

import static hrm.model.reference.HeapBlock.of;

import hrm.model.Block;
import hrm.model.Kernels;

/** Every kernel as its formula reads: loops in index order, sums in double, results in float. */
final class ReferenceKernels implements Kernels {
  @Override
  public Block allocate(long length) {
    return new HeapBlock(Math.toIntExact(length));
  }

  @Override
  public void linear(Block x, Block w, Block y, int batch, int per, int in, int out) {
    for (int row = 0; row < batch * per; row++) {
      for (int o = 0; o < out; o++) {
        double sum = 0;
        for (int i = 0; i < in; i++) {
          sum += (double) of(x)[row * in + i] * of(w)[o * in + i];
        }
        of(y)[row * out + o] = (float) sum;
      }
    }
  }

  @Override
  public void linearBackwardInput(
      Block dy, Block w, Block dx, int rows, int in, int out, boolean accumulate) {
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < in; i++) {
        double sum = accumulate ? of(dx)[row * in + i] : 0;
        for (int o = 0; o < out; o++) {
          sum += (double) of(dy)[row * out + o] * of(w)[o * in + i];
        }
        of(dx)[row * in + i] = (float) sum;
      }
    }
  }

  @Override
  public void linearBackwardWeight(Block dy, Block x, Block dw, int rows, int in, int out) {
    for (int o = 0; o < out; o++) {
      for (int i = 0; i < in; i++) {
        double sum = of(dw)[o * in + i];
        for (int row = 0; row < rows; row++) {
          sum += (double) of(dy)[row * out + o] * of(x)[row * in + i];
        }
        of(dw)[o * in + i] = (float) sum;
      }
    }
  }

  @Override
  public void add(Block a, Block b, Block y, int n) {
    for (int i = 0; i < n; i++) {
      of(y)[i] = of(a)[i] + of(b)[i];
    }
  }

  @Override
  public void addNorm(Block x, Block r, Block y, Block inverse, int rows, int width, float eps) {
    for (int row = 0; row < rows; row++) {
      double squares = 0;
      for (int i = row * width; i < (row + 1) * width; i++) {
        of(y)[i] = of(x)[i] + of(r)[i];
        squares += (double) of(y)[i] * of(y)[i];
      }
      double scale = 1 / Math.sqrt(squares / width + eps);
      for (int i = row * width; i < (row + 1) * width; i++) {
        of(y)[i] = (float) (of(y)[i] * scale);
      }
      if (inverse != null) {
        of(inverse)[row] = (float) scale;
      }
    }
  }

  @Override
  public void addNormBackward(Block dy, Block y, Block inverse, Block dx, int rows, int width) {
    for (int row = 0; row < rows; row++) {
      double mean = 0;
      for (int i = row * width; i < (row + 1) * width; i++) {
        mean += (double) of(dy)[i] * of(y)[i] / width;
      }
      for (int i = row * width; i < (row + 1) * width; i++) {
        of(dx)[i] = (float) ((of(dy)[i] - of(y)[i] * mean) * of(inverse)[row]);
      }
    }
  }

  @Override
  public void attention(Block qkv, Block rope, Block y, int batch, int per, int heads, int d) {
    for (int b = 0; b < batch; b++) {
      for (int head = 0; head < heads; head++) {
        Head h = new Head(of(qkv), rope, b, head, per, heads, d);
        for (int i = 0; i < per; i++) {
          for (int c = 0; c < d; c++) {
            double sum = 0;
            for (int j = 0; j < per; j++) {
              sum += h.probs[i][j] * h.v[j][c];
            }
            of(y)[((b * per + i) * heads + head) * d + c] = (float) sum;
          }
        }
      }
    }
  }

  @Override
  public void attentionBackward(
      Block qkv, Block rope, Block dy, Block dqkv, int batch, int per, int heads, int d) {
    for (int b = 0; b < batch; b++) {
      for (int head = 0; head < heads; head++) {
        Head h = new Head(of(qkv), rope, b, head, per, heads, d);
        double[][] dq = new double[per][d];
        double[][] dk = new double[per][d];
        double[][] dv = new double[per][d];
        for (int i = 0; i < per; i++) {
          double[] g = Head.slice(of(dy), ((b * per + i) * heads + head) * d, d);
          h.backward(i, g, dq[i], dk, dv);
        }
        for (int p = 0; p < per; p++) {
          double[] q = Head.turn(dq[p], rope, p, per, d, -1);
          double[] k = Head.turn(dk[p], rope, p, per, d, -1);
          for (int c = 0; c < d; c++) {
            int at = (b * per + p) * 3 * heads * d + head * d + c;
            of(dqkv)[at] = (float) q[c];
            of(dqkv)[at + heads * d] = (float) k[c];
            of(dqkv)[at + 2 * heads * d] = (float) dv[p][c];
          }
        }
      }
    }
  }

  @Override
  public void swiGlu(Block gateUp, Block y, int rows, int inter) {
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < inter; i++) {
        double gate = of(gateUp)[row * 2 * inter + i];
        double up = of(gateUp)[row * 2 * inter + inter + i];
        of(y)[row * inter + i] = (float) (gate / (1 + Math.exp(-gate)) * up);
      }
    }
  }

  @Override
  public void swiGluBackward(Block gateUp, Block dy, Block dGateUp, int rows, int inter) {
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < inter; i++) {
        int at = row * 2 * inter + i;
        double gate = of(gateUp)[at];
        double up = of(gateUp)[at + inter];
        double s = 1 / (1 + Math.exp(-gate));
        double g = of(dy)[row * inter + i];
        of(dGateUp)[at] = (float) (g * up * s * (1 + gate * (1 - s)));
        of(dGateUp)[at + inter] = (float) (g * gate * s);
      }
    }
  }

  @Override
  public void swiGluNorm(Block gateUp, Block y, int rows, int inter, float eps) {
    for (int row = 0; row < rows; row++) {
      int at = row * 2 * inter;
      double inverse = inverseRms(gateUp, at, inter, eps);
      for (int i = 0; i < inter; i++) {
        double gate = of(gateUp)[at + i];
        double up = of(gateUp)[at + inter + i];
        of(y)[row * inter + i] = (float) (gate * up * inverse / (1 + Math.exp(-gate)));
      }
    }
  }

  /** 1 / rms(gate up) of one row. */
  private static double inverseRms(Block gateUp, int at, int inter, float eps) {
    double sum = 0;
    for (int i = at; i < at + inter; i++) {
      double product = (double) of(gateUp)[i] * of(gateUp)[i + inter];
      sum += product * product;
    }
    return 1 / Math.sqrt(sum / inter + eps);
  }

  @Override
  public void swiGluNormBackward(
      Block gateUp, Block dy, Block dGateUp, int rows, int inter, float eps) {
    for (int row = 0; row < rows; row++) {
      int at = row * 2 * inter;
      double inverse = inverseRms(gateUp, at, inter, eps);
      double mean = 0; // of the normed product times its gradient
      for (int i = 0; i < inter; i++) {
        double gate = of(gateUp)[at + i];
        double normed = gate * of(gateUp)[at + inter + i] * inverse;
        mean += normed * of(dy)[row * inter + i] / (1 + Math.exp(-gate)) / inter;
      }
      for (int i = 0; i < inter; i++) {
        double gate = of(gateUp)[at + i];
        double up = of(gateUp)[at + inter + i];
        double s = 1 / (1 + Math.exp(-gate));
        double normed = gate * up * inverse;
        double g = of(dy)[row * inter + i];
        double dProduct = (g * s - normed * mean) * inverse;
        of(dGateUp)[at + i] = (float) (dProduct * up + g * normed * s * (1 - s));
        of(dGateUp)[at + inter + i] = (float) (dProduct * gate);
      }
    }
  }

  @Override
  public void transpose(Block x, Block y, int batch, int rows, int columns) {
    for (int b = 0; b < batch; b++) {
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          of(y)[(b * columns + c) * rows + r] = of(x)[(b * rows + r) * columns + c];
        }
      }
    }
  }

  @Override
  public void gather(Block x, int[] from, Block fallback, Block y, int n) {
    for (int row = 0; row < from.length; row++) {
      for (int i = 0; i < n; i++) {
        of(y)[row * n + i] =
            from[row] < 0 ? of(fallback)[i % of(fallback).length] : of(x)[from[row] * n + i];
      }
    }
  }

  @Override
  public void distances(Block a, Block b, float[] norms, int batch, int n) {
    for (int row = 0; row < batch; row++) {
      double sum = 0;
      for (int i = row * n; i < (row + 1) * n; i++) {
        sum += Math.pow((double) of(a)[i] - of(b)[i], 2);
      }
      norms[row] = (float) Math.sqrt(sum);
    }
  }

  @Override
  public void adamATan2(Block p, Block g, Block m, Block v, int n, AdamStep s, float scale) {
    for (int i = 0; i < n; i++) {
      float gradient = of(g)[i] * scale;
      of(m)[i] += (1 - s.beta1()) * (gradient - of(m)[i]);
      of(v)[i] += (1 - s.beta2()) * (gradient * gradient - of(v)[i]);
      double root = Math.sqrt(of(v)[i]) / Math.sqrt(1 - Math.pow(s.beta2(), s.t()));
      double rate = s.lr() / (1 - Math.pow(s.beta1(), s.t()));
      double decayed = of(p)[i] * (1 - (double) s.lr() * s.weightDecay());
      of(p)[i] = (float) (decayed - rate * Math.atan2(of(m)[i], root));
    }
  }

  @Override
  public void adamW(Block p, Block g, Block m, Block v, int n, AdamStep s) {
    for (int i = 0; i < n; i++) {
      float gradient = of(g)[i];
      of(m)[i] += (1 - s.beta1()) * (gradient - of(m)[i]);
      of(v)[i] += (1 - s.beta2()) * (gradient * gradient - of(v)[i]);
      double root = Math.sqrt(of(v)[i]) / Math.sqrt(1 - Math.pow(s.beta2(), s.t()));
      double rate = s.lr() / (1 - Math.pow(s.beta1(), s.t()));
      double decayed = of(p)[i] * (1 - (double) s.lr() * s.weightDecay());
      of(p)[i] = (float) (decayed - rate * of(m)[i] / (root + 1e-8));
    }
  }

  @Override
  public void blend(Block x, Block y, int n, float a, float b) {
    for (int i = 0; i < n; i++) {
      of(y)[i] = a * of(x)[i] + b * of(y)[i];
    }
  }

  @Override
  public void average(Block p, Block average, int n, float decay) {
    for (int i = 0; i < n; i++) {
      of(average)[i] = of(average)[i] * decay + of(p)[i] * (1 - decay);
    }
  }

  @Override
  public void copy(Block x, Block y, int n) {
    System.arraycopy(of(x), 0, of(y), 0, n);
  }

  @Override
  public void fill(Block x, int n, float value) {
    java.util.Arrays.fill(of(x), 0, n, value);
  }

  @Override
  public void close() {}
}
