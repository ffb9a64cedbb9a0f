package hrm.model.cpu;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.CblasTrans;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Matrix products of one stream through the OpenBLAS that ND4J brings, single-threaded calls spread
 * over the cores by blocks of columns and rows.
 */
final class Products {
  private static final int COLUMNS = 16; // panels are multiples of this
  private static final int MIN_ROWS = 256; // below this, packing the weights again costs too much
  private static final int MIN_OUT = 32; // rows of a gradient; each reads all of x

  private static final Map<Long, Boolean> PROBED = new ConcurrentHashMap<>();

  private final Cores.Stream stream;
  private final int cores;
  private final Gemm gemm = new Gemm();

  Products(Cores.Stream stream, int cores) {
    this.stream = stream;
    this.cores = cores;
  }

  void linear(NativeBlock x, NativeBlock w, NativeBlock y, int batch, int per, int in, int out) {
    gemm.set(x, false, in, w, true, in, y, out, in, 0f);
    if (batch == 1 || !independent(w, per, in, out)) {
      gemm.split(batch, per, out, columnPanels(out));
    } else {
      int rows = batch * per;
      int panels = columnPanels(out);
      gemm.split(rowBlocks(rows, panels, MIN_ROWS), -rows, out, panels);
    }
    gemm.run();
  }

  void backwardInput(
      NativeBlock dy, NativeBlock w, NativeBlock dx, int rows, int in, int out, boolean add) {
    gemm.set(dy, false, out, w, false, in, dx, in, out, add ? 1f : 0f);
    int panels = columnPanels(in);
    gemm.split(panels > 1 ? 1 : rowBlocks(rows, 1, MIN_ROWS), -rows, in, panels);
    gemm.run();
  }

  void backwardWeight(NativeBlock dy, NativeBlock x, NativeBlock dw, int rows, int in, int out) {
    gemm.set(dy, true, out, x, false, in, dw, in, rows, 1f);
    int panels = columnPanels(in);
    gemm.split(panels > 1 ? 1 : rowBlocks(out, 1, MIN_OUT), -out, in, panels);
    gemm.run();
  }

  /** Blocks of rows beside so many column panels: enough for every core, none too small. */
  private int rowBlocks(int rows, int panels, int least) {
    return Math.max(1, Math.min(cores * 2 / panels, rows / least));
  }

  private int columnPanels(int columns) {
    return columns % COLUMNS == 0 ? Math.max(1, Math.min(2 * cores, columns / (8 * COLUMNS))) : 1;
  }

  /**
   * Whether this BLAS computes a sample's rows to the same bits alone and inside a batch. Kernels
   * of some processors treat the last rows of a matrix differently; there each sample gets a
   * product of its own.
   */
  private static boolean independent(NativeBlock w, int per, int in, int out) {
    if (out % COLUMNS != 0) {
      return false;
    }
    long shape = ((long) per << 42) + ((long) in << 21) + out;
    if (w.probedShape != shape) {
      w.rowsIndependent = PROBED.computeIfAbsent(shape, key -> probe(per, in, out));
      w.probedShape = shape;
    }
    return w.rowsIndependent;
  }

  private static boolean probe(int per, int in, int out) {
    int batch = 5;
    java.util.SplittableRandom random = new java.util.SplittableRandom(1);
    try (NativeBlock x = random(batch * per * in, random);
        NativeBlock w = random(out * in, random);
        NativeBlock together = new NativeBlock((long) batch * per * out);
        NativeBlock alone = new NativeBlock((long) batch * per * out)) {
      Cursor a = new Cursor();
      Cursor b = new Cursor();
      Cursor c = new Cursor();
      cblas_sgemm(
          CblasRowMajor,
          CblasNoTrans,
          CblasTrans,
          batch * per,
          out,
          in,
          1f,
          a.at(x, 0),
          in,
          b.at(w, 0),
          in,
          0f,
          c.at(together, 0),
          out);
      int panel = Math.max(COLUMNS, out / COLUMNS / 2 * COLUMNS);
      for (int sample = 0; sample < batch; sample++) {
        for (int from = 0; from < out; from += panel) {
          cblas_sgemm(
              CblasRowMajor,
              CblasNoTrans,
              CblasTrans,
              per,
              Math.min(panel, out - from),
              in,
              1f,
              a.at(x, (long) sample * per * in),
              in,
              b.at(w, (long) from * in),
              in,
              0f,
              c.at(alone, (long) sample * per * out + from),
              out);
        }
      }
      for (int i = 0; i < batch * per * out; i++) {
        if (Float.floatToRawIntBits(together.get(i)) != Float.floatToRawIntBits(alone.get(i))) {
          return false;
        }
      }
      return true;
    }
  }

  private static NativeBlock random(int n, java.util.SplittableRandom random) {
    NativeBlock block = new NativeBlock(n);
    for (int i = 0; i < n; i++) {
      block.put(i, (float) random.nextDouble() - 0.5f);
    }
    return block;
  }

  /** C = op(A) op(B) + beta C in blocks of rows and columns, each a BLAS call. */
  private final class Gemm implements Cores.Loop {
    private NativeBlock a;
    private NativeBlock b;
    private NativeBlock c;
    private boolean transA;
    private boolean transB;
    private int lda;
    private int ldb;
    private int ldc;
    private int k;
    private float beta;
    private int rowBlocks;
    private int rows; // of each block when > 0; of all when < 0
    private int columns;
    private int panels;

    void set(
        NativeBlock a,
        boolean transA,
        int lda,
        NativeBlock b,
        boolean transB,
        int ldb,
        NativeBlock c,
        int ldc,
        int k,
        float beta) {
      this.a = a;
      this.transA = transA;
      this.lda = lda;
      this.b = b;
      this.transB = transB;
      this.ldb = ldb;
      this.c = c;
      this.ldc = ldc;
      this.k = k;
      this.beta = beta;
    }

    void split(int rowBlocks, int rows, int columns, int panels) {
      this.rowBlocks = rowBlocks;
      this.rows = rows;
      this.columns = columns;
      this.panels = panels;
    }

    void run() {
      stream.run(rowBlocks * panels, this);
    }

    @Override
    public void run(int index, Scratch scratch) {
      int rowBlock = index / panels;
      int panel = index % panels;
      int from;
      int n;
      if (rows > 0) {
        from = rowBlock * rows;
        n = rows;
      } else {
        from = (int) ((long) -rows * rowBlock / rowBlocks);
        n = (int) ((long) -rows * (rowBlock + 1) / rowBlocks) - from;
      }
      int units = columns / COLUMNS;
      int left = panels == 1 ? 0 : units * panel / panels * COLUMNS;
      int right = panels == 1 ? columns : units * (panel + 1) / panels * COLUMNS;
      cblas_sgemm(
          CblasRowMajor,
          transA ? CblasTrans : CblasNoTrans,
          transB ? CblasTrans : CblasNoTrans,
          n,
          right - left,
          k,
          1f,
          scratch.a.at(a, transA ? from : (long) from * lda),
          lda,
          scratch.b.at(b, transB ? (long) left * ldb : left),
          ldb,
          beta,
          scratch.c.at(c, (long) from * ldc + left),
          ldc);
    }
  }
}
