package hrm.model.cuda;

import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_REDUCTION_SCHEME_MASK;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_REDUCTION_SCHEME_NONE;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulAlgoGetHeuristic;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulPreferenceCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulPreferenceDestroy;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulPreferenceSetAttribute;

import org.bytedeco.cuda.cublas.cublasLtContext;
import org.bytedeco.cuda.cublas.cublasLtMatmulDescOpaque_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulHeuristicResult_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulPreferenceOpaque_t;
import org.bytedeco.cuda.cublas.cublasLtMatrixLayoutOpaque_t;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** cublasLt's own choice of an algorithm for a product. */
final class Algorithms {
  private static final int[] ALIGNMENTS = {
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES
  };

  private final cublasLtContext handle;
  private final cublasLtMatmulPreferenceOpaque_t preference;

  Algorithms(cublasLtContext handle, long workspace) {
    this.handle = handle;
    try (PointerPointer<?> made = new PointerPointer<>(1);
        LongPointer bytes = new LongPointer(new long[] {workspace})) {
      Cuda.cublasLt(
          cublasLtMatmulPreferenceCreate(made), "cublasLtMatmulPreferenceCreate", workspace);
      this.preference = new cublasLtMatmulPreferenceOpaque_t(made.get());
      set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, bytes, Long.BYTES);
    }
  }

  /**
   * @param split whether the sum of one element may be split over several blocks: faster where k is
   *     long, but then its order depends on the shape
   */
  cublasLtMatmulHeuristicResult_t best(
      cublasLtMatmulDescOpaque_t desc,
      cublasLtMatrixLayoutOpaque_t a,
      cublasLtMatrixLayoutOpaque_t b,
      cublasLtMatrixLayoutOpaque_t d,
      Gemm.Shape shape,
      boolean split) {
    cublasLtMatmulHeuristicResult_t result = new cublasLtMatmulHeuristicResult_t();
    try (IntPointer value = new IntPointer(1);
        IntPointer found = new IntPointer(new int[] {0})) {
      value.put(split ? CUBLASLT_REDUCTION_SCHEME_MASK : CUBLASLT_REDUCTION_SCHEME_NONE);
      set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, value, Integer.BYTES);
      value.put(shape.alignment());
      for (int attribute : ALIGNMENTS) {
        set(attribute, value, Integer.BYTES);
      }
      Cuda.cublasLt(
          cublasLtMatmulAlgoGetHeuristic(handle, desc, a, b, d, d, preference, 1, result, found),
          "cublasLtMatmulAlgoGetHeuristic",
          shape);
      if (found.get() < 1 || result.state() != 0) {
        throw new IllegalStateException("cublasLt has no algorithm for " + shape);
      }
    }
    return result;
  }

  private void set(int attribute, Pointer value, long bytes) {
    Cuda.cublasLt(
        cublasLtMatmulPreferenceSetAttribute(preference, attribute, value, bytes),
        "cublasLtMatmulPreferenceSetAttribute",
        attribute);
  }

  void close() {
    cublasLtMatmulPreferenceDestroy(preference);
  }
}
