package hrm.model.cuda;

import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_REDUCTION_SCHEME_MASK;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_REDUCTION_SCHEME_NONE;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulAlgoCheck;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulAlgoGetHeuristic;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulPreferenceCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulPreferenceDestroy;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulPreferenceSetAttribute;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.cuda.cublas.cublasLtContext;
import org.bytedeco.cuda.cublas.cublasLtMatmulHeuristicResult_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulPreferenceOpaque_t;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;

/** cublasLt's own choices of algorithms for products. */
final class Algorithms {
  private static final int[] ALIGNMENTS = {
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES,
    CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES
  };

  private final cublasLtContext handle;
  private final long workspace;
  private final cublasLtMatmulPreferenceOpaque_t preference;

  Algorithms(cublasLtContext handle, long workspace) {
    this.handle = handle;
    this.workspace = workspace;
    try (PointerPointer<?> made = new PointerPointer<>(1);
        LongPointer bytes = new LongPointer(new long[] {workspace})) {
      Cuda.cublasLt(
          cublasLtMatmulPreferenceCreate(made), "cublasLtMatmulPreferenceCreate", workspace);
      this.preference = new cublasLtMatmulPreferenceOpaque_t(made.get());
      set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, bytes, Long.BYTES);
    }
  }

  /**
   * Those that cublasLt expects to be the fastest, best first; at least one.
   *
   * @param split whether the sum of one element may be split over several blocks: faster where k is
   *     long, but then its order depends on the shape
   * @throws IllegalStateException when there is none
   */
  List<cublasLtMatmulHeuristicResult_t> choices(ProductPlan plan, boolean split, int most) {
    cublasLtMatmulHeuristicResult_t results = new cublasLtMatmulHeuristicResult_t(most);
    List<cublasLtMatmulHeuristicResult_t> choices = new ArrayList<>();
    try (IntPointer value = new IntPointer(1);
        IntPointer found = new IntPointer(new int[] {0})) {
      value.put(split ? CUBLASLT_REDUCTION_SCHEME_MASK : CUBLASLT_REDUCTION_SCHEME_NONE);
      set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, value, Integer.BYTES);
      value.put(plan.shape.alignment());
      for (int attribute : ALIGNMENTS) {
        set(attribute, value, Integer.BYTES);
      }
      Cuda.cublasLt(
          cublasLtMatmulAlgoGetHeuristic(
              handle, plan.desc, plan.a, plan.b, plan.d, plan.d, preference, most, results, found),
          "cublasLtMatmulAlgoGetHeuristic",
          plan.shape);
      for (int i = 0; i < found.get(); i++) {
        cublasLtMatmulHeuristicResult_t result = results.getPointer(i);
        if (result.state() == 0) {
          choices.add(result);
        }
      }
    }
    if (choices.isEmpty()) {
      throw new IllegalStateException("cublasLt has no algorithm for " + plan.shape);
    }
    return choices;
  }

  /** Whether an algorithm that was chosen for another shape computes this one. */
  boolean takes(ProductPlan plan, cublasLtMatmulHeuristicResult_t algorithm) {
    cublasLtMatmulHeuristicResult_t checked = new cublasLtMatmulHeuristicResult_t();
    int status =
        cublasLtMatmulAlgoCheck(
            handle, plan.desc, plan.a, plan.b, plan.d, plan.d, algorithm.algo(), checked);
    return status == 0 && checked.workspaceSize() <= workspace;
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
