package hrm.model.cuda;

import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_TRANSA;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_TRANSB;
import static org.bytedeco.cuda.global.cublas.CUBLAS_COMPUTE_32F;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_T;
import static org.bytedeco.cuda.global.cublas.cublasLtCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtDestroy;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmul;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulAlgoCheck;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulDescCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulDescDestroy;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulDescSetAttribute;
import static org.bytedeco.cuda.global.cublas.cublasLtMatrixLayoutCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtMatrixLayoutDestroy;
import static org.bytedeco.cuda.global.cudart.CUDA_R_16BF;
import static org.bytedeco.cuda.global.cudart.CUDA_R_32F;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.cuda.cublas.cublasLtContext;
import org.bytedeco.cuda.cublas.cublasLtMatmulDescOpaque_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulHeuristicResult_t;
import org.bytedeco.cuda.cublas.cublasLtMatrixLayoutOpaque_t;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Matrix products by cublasLt on one stream. Its matrices are column-major, so a row-major (r, c)
 * one is its (c, r) with leading dimension c, and products are written the other way round.
 */
final class Gemm implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Gemm.class);

  /** Rows whose algorithm a batch-invariant product takes for every number of rows. */
  static final int TYPICAL_ROWS = 16384;

  private static final long WORKSPACE = 32L << 20; // what cuBLAS asks for on Hopper

  /**
   * D (m, n) = op(A) (m, k) op(B) (k, n) + beta D, column-major.
   *
   * @param invariant which of m, n, k counts samples' rows ('n'), or ' ' where none may vary
   */
  record Shape(
      boolean transposeA,
      boolean transposeB,
      int m,
      int n,
      int k,
      Storage in,
      Storage out,
      boolean rowsAreN,
      int alignment) {
    Shape typical() {
      return new Shape(transposeA, transposeB, m, TYPICAL_ROWS, k, in, out, rowsAreN, alignment);
    }

    @Override
    public String toString() {
      return "m %d, n %d, k %d, %s%s, %s to %s"
          .formatted(m, n, k, transposeA ? "T" : "N", transposeB ? "T" : "N", in, out);
    }
  }

  /** One shape's descriptors and algorithm. */
  private static final class Plan {
    cublasLtMatmulDescOpaque_t desc;
    cublasLtMatrixLayoutOpaque_t a;
    cublasLtMatrixLayoutOpaque_t b;
    cublasLtMatrixLayoutOpaque_t d;
    cublasLtMatmulHeuristicResult_t algorithm;

    void close() {
      cublasLtMatmulDescDestroy(desc);
      cublasLtMatrixLayoutDestroy(a);
      cublasLtMatrixLayoutDestroy(b);
      cublasLtMatrixLayoutDestroy(d);
    }
  }

  private final GpuStream stream;
  private final boolean invariant;
  private final cublasLtContext handle = new cublasLtContext();
  private final Algorithms algorithms;
  private final BytePointer workspace;
  private final FloatPointer one = new FloatPointer(1f);
  private final FloatPointer zero = new FloatPointer(0f);
  private final Map<Shape, Plan> plans = new HashMap<>();

  Gemm(GpuStream stream, boolean invariant) {
    this.stream = stream;
    this.invariant = invariant;
    stream.gpu.use();
    Cuda.cublasLt(cublasLtCreate(handle), "cublasLtCreate", stream.gpu.device);
    this.algorithms = new Algorithms(handle, WORKSPACE);
    this.workspace = stream.gpu.allocate(WORKSPACE);
  }

  /** Computes one; a, b, d are of the shape's types. */
  void run(Shape shape, BytePointer a, BytePointer b, BytePointer d, boolean accumulate) {
    Plan plan = plans.get(shape);
    if (plan == null) {
      plan = plan(shape);
      plans.put(shape, plan);
    }
    int status =
        cublasLtMatmul(
            handle,
            plan.desc,
            one,
            a,
            plan.a,
            b,
            plan.b,
            accumulate ? one : zero,
            d,
            plan.d,
            d,
            plan.d,
            plan.algorithm.algo(),
            workspace,
            WORKSPACE,
            stream.handle);
    Cuda.cublasLt(status, "cublasLtMatmul", shape);
  }

  private Plan plan(Shape shape) {
    Plan plan = describe(shape);
    boolean steady = invariant && shape.rowsAreN();
    if (steady && shape.n() != TYPICAL_ROWS) {
      Shape typical = shape.typical();
      Plan model = plans.computeIfAbsent(typical, this::plan);
      cublasLtMatmulHeuristicResult_t checked = new cublasLtMatmulHeuristicResult_t();
      int status =
          cublasLtMatmulAlgoCheck(
              handle, plan.desc, plan.a, plan.b, plan.d, plan.d, model.algorithm.algo(), checked);
      if (status == 0 && checked.workspaceSize() <= WORKSPACE) {
        plan.algorithm = model.algorithm;
        return plan;
      }
      log.warn(
          "cublasLt's algorithm for {} does not take {}; results may differ in their last bits"
              + " from those of other batch sizes",
          typical,
          shape);
    }
    plan.algorithm = algorithms.best(plan.desc, plan.a, plan.b, plan.d, shape, !shape.rowsAreN());
    return plan;
  }

  private static Plan describe(Shape s) {
    Plan plan = new Plan();
    try (PointerPointer<?> made = new PointerPointer<>(1);
        IntPointer transpose = new IntPointer(1)) {
      Cuda.cublasLt(
          cublasLtMatmulDescCreate(made, CUBLAS_COMPUTE_32F, CUDA_R_32F),
          "cublasLtMatmulDescCreate",
          s);
      plan.desc = new cublasLtMatmulDescOpaque_t(made.get());
      transpose.put(CUBLAS_OP_T);
      if (s.transposeA()) {
        Cuda.cublasLt(
            cublasLtMatmulDescSetAttribute(plan.desc, CUBLASLT_MATMUL_DESC_TRANSA, transpose, 4),
            "cublasLtMatmulDescSetAttribute",
            s);
      }
      if (s.transposeB()) {
        Cuda.cublasLt(
            cublasLtMatmulDescSetAttribute(plan.desc, CUBLASLT_MATMUL_DESC_TRANSB, transpose, 4),
            "cublasLtMatmulDescSetAttribute",
            s);
      }
    }
    plan.a = s.transposeA() ? layout(s, s.in(), s.k(), s.m()) : layout(s, s.in(), s.m(), s.k());
    plan.b = s.transposeB() ? layout(s, s.in(), s.n(), s.k()) : layout(s, s.in(), s.k(), s.n());
    plan.d = layout(s, s.out(), s.m(), s.n());
    return plan;
  }

  private static cublasLtMatrixLayoutOpaque_t layout(Shape s, Storage type, int rows, int columns) {
    try (PointerPointer<?> made = new PointerPointer<>(1)) {
      Cuda.cublasLt(
          cublasLtMatrixLayoutCreate(
              made, type == Storage.FLOAT32 ? CUDA_R_32F : CUDA_R_16BF, rows, columns, rows),
          "cublasLtMatrixLayoutCreate",
          s);
      return new cublasLtMatrixLayoutOpaque_t(made.get());
    }
  }

  @Override
  public void close() {
    plans.values().forEach(Plan::close);
    plans.clear();
    algorithms.close();
    if (!stream.gpu.isBroken()) {
      Cuda.cublasLt(cublasLtDestroy(handle), "cublasLtDestroy", stream.gpu.device);
    }
    stream.gpu.free(workspace, WORKSPACE);
  }
}
