package hrm.model.cpu;

import static org.bytedeco.openblas.global.openblas.CblasNoTrans;
import static org.bytedeco.openblas.global.openblas.CblasRowMajor;
import static org.bytedeco.openblas.global.openblas.cblas_sgemm;

import org.bytedeco.openblas.global.openblas;

/** What this machine's BLAS can do at best: the product against which engines are measured. */
public final class Roof {
  private static final int N = 2048;

  private Roof() {}

  /** GFLOP/s of one 2048 x 2048 x 2048 sgemm by BLAS's own threads. */
  public static double gflops(int threads) {
    openblas.blas_set_num_threads(threads);
    try (NativeBlock a = new NativeBlock((long) N * N);
        NativeBlock b = new NativeBlock((long) N * N);
        NativeBlock c = new NativeBlock((long) N * N)) {
      for (int i = 0; i < N * N; i++) {
        a.put(i, i % 7 - 3f);
        b.put(i, i % 5 - 2f);
      }
      long start = System.nanoTime();
      cblas_sgemm(
          CblasRowMajor,
          CblasNoTrans,
          CblasNoTrans,
          N,
          N,
          N,
          1f,
          new Cursor().at(a, 0),
          N,
          new Cursor().at(b, 0),
          N,
          0f,
          new Cursor().at(c, 0),
          N);
      return 2.0 * N * N * N / (System.nanoTime() - start);
    } finally {
      openblas.blas_set_num_threads(1);
    }
  }
}
