package hrm.model.cpu;

import hrm.model.Kernels.AdamStep;

/** Fused loops over the rows of matrices: norms, sums, optimizer steps. */
final class RowLoops {
  private static final int CHUNK = 8192; // floats a task holds of each operand: fits the L2 cache

  private final Cores.Stream stream;
  private final Loops loops = new Loops();

  RowLoops(Cores.Stream stream) {
    this.stream = stream;
  }

  private enum Op {
    ADD,
    ADD_NORM,
    ADD_NORM_BACKWARD,
    COPY,
    FILL,
    ADAM_ATAN2,
    ADAM_W,
    BLEND,
    AVERAGE,
    SQUARES
  }

  void add(NativeBlock a, NativeBlock b, NativeBlock y, int n) {
    loops.start(Op.ADD, a, b, y, null, n, 1);
  }

  void addNorm(
      NativeBlock x, NativeBlock r, NativeBlock y, NativeBlock inverse, int rows, int w, float e) {
    loops.eps = e;
    loops.start(Op.ADD_NORM, x, r, y, inverse, rows, w);
  }

  void addNormBackward(
      NativeBlock dy, NativeBlock y, NativeBlock inverse, NativeBlock dx, int rows, int width) {
    loops.start(Op.ADD_NORM_BACKWARD, dy, y, dx, inverse, rows, width);
  }

  void copy(NativeBlock x, NativeBlock y, int n) {
    loops.start(Op.COPY, x, null, y, null, n, 1);
  }

  void fill(NativeBlock y, int n, float value) {
    loops.eps = value;
    loops.start(Op.FILL, null, null, y, null, n, 1);
  }

  void adamATan2(
      NativeBlock p, NativeBlock g, NativeBlock m, NativeBlock v, int n, AdamStep step, float s) {
    loops.step = step;
    loops.eps = s;
    loops.start(Op.ADAM_ATAN2, m, g, p, v, n, 1);
  }

  void adamW(NativeBlock p, NativeBlock g, NativeBlock m, NativeBlock v, int n, AdamStep step) {
    loops.step = step;
    loops.start(Op.ADAM_W, m, g, p, v, n, 1);
  }

  void blend(NativeBlock x, NativeBlock y, int n, float a, float b) {
    loops.eps = a;
    loops.other = b;
    loops.start(Op.BLEND, x, null, y, null, n, 1);
  }

  void average(NativeBlock p, NativeBlock average, int n, float decay) {
    loops.eps = decay;
    loops.start(Op.AVERAGE, p, null, average, null, n, 1);
  }

  void normalise(NativeBlock x, int n, float eps) {
    loops.squares = new double[(n + CHUNK - 1) / CHUNK];
    loops.start(Op.SQUARES, x, null, null, null, n, 1);
    double sum = 0;
    for (double part : loops.squares) {
      sum += part;
    }
    blend(x, x, n, 0, 1 / ((float) Math.sqrt(sum) + eps));
  }

  private final class Loops implements Cores.Loop {
    private Op op;
    private NativeBlock a;
    private NativeBlock b;
    private NativeBlock y;
    private NativeBlock extra;
    private int rows;
    private int width;
    private int rowsPerTask;
    private float eps;
    private float other;
    private AdamStep step;
    private double[] squares; // by task

    void start(
        Op op, NativeBlock a, NativeBlock b, NativeBlock y, NativeBlock extra, int rows, int w) {
      this.op = op;
      this.a = a;
      this.b = b;
      this.y = y;
      this.extra = extra;
      this.rows = rows;
      this.width = w;
      this.rowsPerTask = Math.max(1, CHUNK / w);
      stream.run((rows + rowsPerTask - 1) / rowsPerTask, this);
    }

    @Override
    public void run(int index, Scratch scratch) {
      int from = index * rowsPerTask;
      int count = Math.min(rowsPerTask, rows - from);
      int at = from * width;
      int n = count * width;
      switch (op) {
        case ADD -> sum(scratch, at, n);
        case ADD_NORM -> addNorm(scratch, from, count, at, n);
        case ADD_NORM_BACKWARD -> addNormBackward(scratch, from, count, at, n);
        case COPY -> {
          float[] x = scratch.row(0, n);
          a.get(at, x, n);
          y.put(at, x, n);
        }
        case FILL -> {
          float[] x = scratch.row(0, n);
          java.util.Arrays.fill(x, 0, n, eps);
          y.put(at, x, n);
        }
        case ADAM_ATAN2 -> adamATan2(scratch, at, n);
        case ADAM_W -> adamW(scratch, at, n);
        case BLEND -> blend(scratch, at, n);
        case AVERAGE -> average(scratch, at, n);
        case SQUARES -> squares[index] = FastMath.sumOfSquares(get(scratch, at, n), 0, n);
        default -> throw new AssertionError(op);
      }
    }

    private float[] get(Scratch scratch, int at, int n) {
      float[] x = scratch.row(0, n);
      a.get(at, x, n);
      return x;
    }

    private void sum(Scratch scratch, int at, int n) {
      float[] x = scratch.row(0, n);
      float[] r = scratch.row(1, n);
      a.get(at, x, n);
      b.get(at, r, n);
      for (int i = 0; i < n; i++) {
        x[i] += r[i];
      }
      y.put(at, x, n);
    }

    private void addNorm(Scratch scratch, int from, int count, int at, int n) {
      float[] x = scratch.row(0, n);
      float[] r = scratch.row(1, n);
      a.get(at, x, n);
      b.get(at, r, n);
      for (int i = 0; i < n; i++) {
        x[i] += r[i];
      }
      for (int row = 0; row < count; row++) {
        int start = row * width;
        float inverse =
            (float) (1 / Math.sqrt(FastMath.sumOfSquares(x, start, width) / width + eps));
        for (int i = start; i < start + width; i++) {
          x[i] *= inverse;
        }
        if (extra != null) {
          extra.put(from + row, inverse);
        }
      }
      y.put(at, x, n);
    }

    private void addNormBackward(Scratch scratch, int from, int count, int at, int n) {
      float[] dy = scratch.row(0, n);
      float[] out = scratch.row(1, n);
      a.get(at, dy, n);
      b.get(at, out, n);
      for (int row = 0; row < count; row++) {
        int start = row * width;
        float mean = FastMath.dot(dy, out, start, width) / width;
        float inverse = extra.get(from + row);
        for (int i = start; i < start + width; i++) {
          dy[i] = (dy[i] - out[i] * mean) * inverse;
        }
      }
      y.put(at, dy, n);
    }

    private void adamATan2(Scratch scratch, int at, int n) {
      float[] m = scratch.row(0, n);
      float[] g = scratch.row(1, n);
      float[] p = scratch.row(2, n);
      float[] v = scratch.row(3, n);
      a.get(at, m, n);
      b.get(at, g, n);
      y.get(at, p, n);
      extra.get(at, v, n);
      float b1 = step.beta1();
      float b2 = step.beta2();
      float decay = 1 - step.lr() * step.weightDecay();
      float rate = (float) (step.lr() / (1 - Math.pow(b1, step.t())));
      float unbias = (float) (1 / Math.sqrt(1 - Math.pow(b2, step.t())));
      for (int i = 0; i < n; i++) {
        g[i] *= eps;
      }
      for (int i = 0; i < n; i++) {
        m[i] += (1 - b1) * (g[i] - m[i]);
      }
      for (int i = 0; i < n; i++) {
        v[i] += (1 - b2) * (g[i] * g[i] - v[i]);
      }
      for (int i = 0; i < n; i++) {
        g[i] = (float) Math.sqrt(v[i]) * unbias;
      }
      FastMath.atan2(m, g, scratch.row(4, n), n);
      for (int i = 0; i < n; i++) {
        p[i] = p[i] * decay - rate * g[i];
      }
      a.put(at, m, n);
      y.put(at, p, n);
      extra.put(at, v, n);
    }

    private void adamW(Scratch scratch, int at, int n) {
      float[] m = scratch.row(0, n);
      float[] g = scratch.row(1, n);
      float[] p = scratch.row(2, n);
      float[] v = scratch.row(3, n);
      a.get(at, m, n);
      b.get(at, g, n);
      y.get(at, p, n);
      extra.get(at, v, n);
      float b1 = 1 - step.beta1();
      float b2 = 1 - step.beta2();
      float decay = 1 - step.lr() * step.weightDecay();
      float rate = (float) (step.lr() / (1 - Math.pow(step.beta1(), step.t())));
      float unbias = (float) (1 / Math.sqrt(1 - Math.pow(step.beta2(), step.t())));
      for (int i = 0; i < n; i++) {
        m[i] += b1 * (g[i] - m[i]);
        v[i] += b2 * (g[i] * g[i] - v[i]);
        p[i] = p[i] * decay - rate * m[i] / ((float) Math.sqrt(v[i]) * unbias + 1e-8f);
      }
      a.put(at, m, n);
      y.put(at, p, n);
      extra.put(at, v, n);
    }

    private void blend(Scratch scratch, int at, int n) {
      float[] x = scratch.row(0, n);
      float[] sum = scratch.row(1, n);
      a.get(at, x, n);
      y.get(at, sum, n);
      for (int i = 0; i < n; i++) {
        sum[i] = eps * x[i] + other * sum[i];
      }
      y.put(at, sum, n);
    }

    private void average(Scratch scratch, int at, int n) {
      float[] p = scratch.row(0, n);
      float[] mean = scratch.row(1, n);
      a.get(at, p, n);
      y.get(at, mean, n);
      for (int i = 0; i < n; i++) {
        mean[i] = mean[i] * eps + p[i] * (1 - eps);
      }
      y.put(at, mean, n);
    }
  }
}
