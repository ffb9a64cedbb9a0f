package hrm.model.cuda;

import static hrm.model.cuda.Operands.check;
import static hrm.model.cuda.Operands.type;
import static hrm.model.cuda.Operands.width;

import hrm.model.Block;
import hrm.model.Fingerprint;
import java.util.Arrays;

/** Calls of norms.cu: RMSNorm with its residual sum, distances, fingerprints, a matrix's norm. */
final class NormCalls {
  private static final String SOURCE = "norms";

  private final GpuMemory memory;
  private final Launch launch;
  private final RowNumbers numbers;
  private GpuBlock rowSums; // a number a row
  private GpuBlock readBack; // what distances and fingerprints read; no record may touch it

  NormCalls(GpuMemory memory, Launch launch, RowNumbers numbers) {
    this.memory = memory;
    this.launch = launch;
    this.numbers = numbers;
  }

  void addNorm(Block x, Block r, Block y, Block inverse, int rows, int width, float eps) {
    addNorm(x, r, y, inverse, null, null, rows, width, eps);
  }

  void addNormMoved(
      Block x,
      Block r,
      Block y,
      Block before,
      Block moved,
      int at,
      int batch,
      int per,
      int width,
      float eps) {
    check("addNormMoved", moved, (long) at + batch);
    rowSums = memory.scratch(rowSums, (long) batch * per);
    addNorm(x, r, y, null, before, rowSums, batch * per, width, eps);
    launch.of(SOURCE, "sample_norms").follows().in(rowSums).out(moved, at);
    launch.number(batch).number(per).overRows(batch);
  }

  private void addNorm(
      Block x,
      Block r,
      Block y,
      Block inverse,
      Block before,
      Block moved,
      int rows,
      int width,
      float eps) {
    Storage type = type("addNorm", x, r, y);
    check("addNorm", x, (long) rows * width);
    check("addNorm", r, (long) rows * width);
    check("addNorm", y, (long) rows * width);
    launch.of(SOURCE, type.kernel("add_norm", width(type, width, x, r, y, before)));
    launch.follows().in(x).in(r).out(y).out(inverse).in(before).out(moved);
    launch.number(rows).number(width).number(eps).overRows(rows);
  }

  void addNormBackward(Block dy, Block y, Block inverse, Block dx, int rows, int width) {
    Storage type = type("addNormBackward", dy, y, dx);
    launch.of(SOURCE, type.kernel("add_norm_backward", width(type, width, dy, y, dx)));
    launch.in(dy).in(y).in(inverse).out(dx).number(rows).number(width).overRows(rows);
  }

  void distances(Block a, Block b, float[] norms, int batch, int n) {
    Storage type = type("distances", a, b);
    readBack = memory.scratch(readBack, batch);
    launch.of(SOURCE, type.kernel("distances", width(type, n, a, b)));
    launch.in(a).in(b).out(readBack).number(n).run(batch, 1, 1, 256);
    readBack.read(0, norms, 0, batch);
  }

  Fingerprint[] fingerprints(Block x, int[] rows, int n) {
    check("fingerprints", x, (Arrays.stream(rows).max().orElse(-1) + 1L) * n);
    Fingerprint[] of = new Fingerprint[rows.length];
    if (rows.length == 0) {
      return of;
    }
    Storage type = type("fingerprints", x);
    readBack = memory.scratch(readBack, 3L * rows.length);
    launch.of(SOURCE, type.kernel("fingerprints", width(type, n, x)));
    launch.in(x).in(numbers.bring(rows)).out(readBack).number(n).run(rows.length, 1, 1, 256);
    float[] words = new float[3 * rows.length];
    readBack.read(0, words, 0, words.length);
    for (int i = 0; i < rows.length; i++) {
      long high = Float.floatToRawIntBits(words[3 * i + 1]);
      long low = Float.floatToRawIntBits(words[3 * i + 2]) & 0xffffffffL;
      of[i] = new Fingerprint(words[3 * i], high << 32 | low);
    }
    return of;
  }
}
