package hrm.model.cpu;

/** SwiGLU over rows, plain and with its product normed, forward and backward. */
final class GateLoops implements Cores.Loop {
  private static final int CHUNK = 8192; // floats a task holds of each operand: fits the L2 cache

  private enum Op {
    FORWARD,
    BACKWARD,
    NORM_FORWARD,
    NORM_BACKWARD
  }

  private final Cores.Stream stream;
  private Op op;
  private NativeBlock gateUps;
  private NativeBlock dys; // backward only
  private NativeBlock out;
  private int rows;
  private int width;
  private int rowsPerTask;
  private float eps;

  GateLoops(Cores.Stream stream) {
    this.stream = stream;
  }

  void swiGlu(NativeBlock gateUp, NativeBlock y, int rows, int inter) {
    start(Op.FORWARD, gateUp, null, y, rows, inter);
  }

  void swiGluBackward(NativeBlock gateUp, NativeBlock dy, NativeBlock dGateUp, int rows, int w) {
    start(Op.BACKWARD, gateUp, dy, dGateUp, rows, w);
  }

  void swiGluNorm(NativeBlock gateUp, NativeBlock y, int rows, int inter, float eps) {
    this.eps = eps;
    start(Op.NORM_FORWARD, gateUp, null, y, rows, inter);
  }

  void swiGluNormBackward(
      NativeBlock gateUp, NativeBlock dy, NativeBlock dGateUp, int rows, int inter, float eps) {
    this.eps = eps;
    start(Op.NORM_BACKWARD, gateUp, dy, dGateUp, rows, inter);
  }

  private void start(Op op, NativeBlock x, NativeBlock dy, NativeBlock y, int rows, int width) {
    this.op = op;
    this.gateUps = x;
    this.dys = dy;
    this.out = y;
    this.rows = rows;
    this.width = width;
    this.rowsPerTask = Math.max(1, CHUNK / width);
    stream.run((rows + rowsPerTask - 1) / rowsPerTask, this);
  }

  @Override
  public void run(int index, Scratch scratch) {
    int from = index * rowsPerTask;
    int count = Math.min(rowsPerTask, rows - from);
    int at = from * width;
    int n = count * width;
    float[] gateUp = scratch.row(0, 2 * n);
    float[] y = scratch.row(1, n); // or dy
    float[] sigmoid = scratch.row(2, width + FastMath.RUN);
    float[] h = scratch.row(3, width + FastMath.RUN);
    gateUps.get(2 * at, gateUp, 2 * n);
    if (dys != null) {
      dys.get(at, y, n);
    }
    for (int row = 0; row < count; row++) {
      switch (op) {
        case FORWARD -> forward(gateUp, y, sigmoid, h, row);
        case BACKWARD -> backward(gateUp, y, sigmoid, h, row);
        case NORM_FORWARD -> normForward(gateUp, y, sigmoid, h, scratch.row(4, width), row);
        case NORM_BACKWARD -> normBackward(gateUp, y, sigmoid, h, scratch.row(4, width), row);
        default -> throw new AssertionError(op);
      }
    }
    if (dys == null) {
      out.put(at, y, n);
    } else {
      out.put(2 * at, gateUp, 2 * n);
    }
  }

  private void forward(float[] gateUp, float[] y, float[] sigmoid, float[] h, int row) {
    for (int done = 0; done < width; done += FastMath.RUN) {
      int run = Math.min(FastMath.RUN, width - done);
      int gate = 2 * row * width + done;
      int up = gate + width;
      int to = row * width + done;
      FastMath.sigmoids(gateUp, gate, sigmoid, h, run);
      for (int i = 0; i < run; i++) {
        y[to + i] = gateUp[gate + i] * sigmoid[i] * gateUp[up + i];
      }
    }
  }

  private void backward(float[] gateUp, float[] dy, float[] sigmoid, float[] h, int row) {
    for (int done = 0; done < width; done += FastMath.RUN) {
      int run = Math.min(FastMath.RUN, width - done);
      int gate = 2 * row * width + done;
      int up = gate + width;
      int to = row * width + done;
      FastMath.sigmoids(gateUp, gate, sigmoid, h, run);
      for (int i = 0; i < run; i++) {
        h[i] = dy[to + i] * sigmoid[i]; // shared by both gradients
      }
      for (int i = 0; i < run; i++) {
        dy[to + i] = h[i] * gateUp[gate + i]; // of up
      }
      for (int i = 0; i < run; i++) {
        float g = gateUp[gate + i];
        gateUp[gate + i] = h[i] * gateUp[up + i] * (1 + g * (1 - sigmoid[i]));
      }
      System.arraycopy(dy, to, gateUp, up, run);
    }
  }

  /** Fills s with sigmoid(gate) of a whole row, p with gate times up; returns 1 / rms(p). */
  private float product(float[] gateUp, float[] s, float[] h, float[] p, int gate) {
    int up = gate + width;
    float[] run = h; // sigmoids' scratch and, behind it, nothing: a run at a time
    for (int done = 0; done < width; done += FastMath.RUN) {
      int n = Math.min(FastMath.RUN, width - done);
      FastMath.sigmoids(gateUp, gate + done, run, p, n);
      System.arraycopy(run, 0, s, done, n);
    }
    for (int i = 0; i < width; i++) {
      p[i] = gateUp[gate + i] * gateUp[up + i];
    }
    return (float) (1 / Math.sqrt(FastMath.sumOfSquares(p, 0, width) / width + eps));
  }

  private void normForward(float[] gateUp, float[] y, float[] s, float[] h, float[] p, int row) {
    float inverse = product(gateUp, s, h, p, 2 * row * width);
    int to = row * width;
    for (int i = 0; i < width; i++) {
      y[to + i] = s[i] * p[i] * inverse;
    }
  }

  private void normBackward(float[] gateUp, float[] dy, float[] s, float[] h, float[] p, int row) {
    int gate = 2 * row * width;
    int up = gate + width;
    int from = row * width;
    float inverse = product(gateUp, s, h, p, gate);
    for (int i = 0; i < width; i++) {
      p[i] *= inverse; // the normed product
    }
    for (int i = 0; i < width; i++) {
      h[i] = dy[from + i] * s[i]; // its gradient
    }
    float mean = FastMath.dot(h, p, 0, width) / width;
    for (int i = 0; i < width; i++) {
      h[i] = (h[i] - p[i] * mean) * inverse; // of the product
    }
    for (int i = 0; i < width; i++) {
      dy[from + i] = dy[from + i] * p[i] * s[i] * (1 - s[i]); // of the gate, through the sigmoid
    }
    for (int i = 0; i < width; i++) {
      float g = gateUp[gate + i];
      gateUp[gate + i] = dy[from + i] + h[i] * gateUp[up + i];
      h[i] *= g;
    }
    System.arraycopy(h, 0, gateUp, up, width);
  }
}
