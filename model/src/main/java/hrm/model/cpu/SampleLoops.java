package hrm.model.cpu;

import hrm.model.Fingerprint;

/** Loops over whole samples: transposition, reseating, distances, fingerprints. */
final class SampleLoops implements Cores.Loop {
  private final Cores.Stream stream;
  private Op op;
  private NativeBlock x;
  private NativeBlock other;
  private NativeBlock y;
  private int[] from;
  private float[] norms;
  private Fingerprint[] fingerprints;
  private int rows;
  private int columns;

  private enum Op {
    TRANSPOSE,
    GATHER,
    DISTANCE,
    FINGERPRINT
  }

  SampleLoops(Cores.Stream stream) {
    this.stream = stream;
  }

  void transpose(NativeBlock x, NativeBlock y, int batch, int rows, int columns) {
    this.op = Op.TRANSPOSE;
    this.x = x;
    this.y = y;
    this.rows = rows;
    this.columns = columns;
    stream.run(batch, this);
  }

  void gather(NativeBlock x, int[] from, NativeBlock fallback, NativeBlock y, int n) {
    this.op = Op.GATHER;
    this.x = x;
    this.from = from;
    this.other = fallback;
    this.y = y;
    this.columns = n;
    stream.run(from.length, this);
  }

  void distances(NativeBlock a, NativeBlock b, float[] norms, int batch, int n) {
    this.op = Op.DISTANCE;
    this.x = a;
    this.other = b;
    this.norms = norms;
    this.columns = n;
    stream.run(batch, this);
  }

  Fingerprint[] fingerprints(NativeBlock x, int[] rows, int n) {
    this.op = Op.FINGERPRINT;
    this.x = x;
    this.from = rows;
    this.fingerprints = new Fingerprint[rows.length];
    this.columns = n;
    stream.run(rows.length, this);
    return fingerprints;
  }

  @Override
  public void run(int sample, Scratch scratch) {
    switch (op) {
      case TRANSPOSE -> transpose(sample, scratch);
      case GATHER -> gather(sample, scratch);
      case DISTANCE -> distance(sample, scratch);
      case FINGERPRINT -> fingerprint(sample, scratch);
      default -> throw new AssertionError(op);
    }
  }

  private void transpose(int sample, Scratch scratch) {
    int n = rows * columns;
    float[] in = scratch.row(0, n);
    float[] out = scratch.row(1, n);
    x.get(sample * n, in, n);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        out[c * rows + r] = in[r * columns + c];
      }
    }
    y.put(sample * n, out, n);
  }

  private void gather(int sample, Scratch scratch) {
    float[] row = scratch.row(0, columns);
    if (from[sample] >= 0) {
      x.get(from[sample] * columns, row, columns);
    } else {
      int n = (int) other.length();
      other.get(0, row, n);
      for (int at = n; at < columns; at += n) {
        System.arraycopy(row, 0, row, at, n);
      }
    }
    y.put(sample * columns, row, columns);
  }

  private void distance(int sample, Scratch scratch) {
    int chunk = Math.min(columns, 8192);
    float[] a = scratch.row(0, chunk);
    float[] b = scratch.row(1, chunk);
    double sum = 0;
    for (int at = 0; at < columns; at += chunk) {
      int n = Math.min(chunk, columns - at);
      x.get(sample * columns + at, a, n);
      other.get(sample * columns + at, b, n);
      for (int i = 0; i < n; i++) {
        a[i] -= b[i];
      }
      sum += FastMath.sumOfSquares(a, 0, n);
    }
    norms[sample] = (float) Math.sqrt(sum);
  }

  private void fingerprint(int sample, Scratch scratch) {
    float[] row = scratch.row(0, columns);
    x.get(from[sample] * columns, row, columns);
    fingerprints[sample] = Fingerprint.of(row, columns);
  }
}
