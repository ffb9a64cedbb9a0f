package hrm.model.cuda;

import static org.bytedeco.cuda.global.cublas.cublasLtCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtDestroy;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmul;

import java.util.HashMap;
import java.util.Map;
import org.bytedeco.cuda.cublas.cublasLtContext;
import org.bytedeco.cuda.cublas.cublasLtMatmulHeuristicResult_t;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;

/**
 * Matrix products by cublasLt on one stream. Its matrices are column-major, so a row-major (r, c)
 * one is its (c, r) with leading dimension c, and products are written the other way round.
 */
final class Gemm implements AutoCloseable {
  private static final long WORKSPACE = 32L << 20; // what cuBLAS asks for on Hopper

  final GpuStream stream;
  final Algorithms algorithms;
  private final boolean invariant;
  private final cublasLtContext handle = new cublasLtContext();
  private final BytePointer workspace;
  private final FloatPointer one = new FloatPointer(1f);
  private final FloatPointer zero = new FloatPointer(0f);
  private final Map<ProductShape, ProductPlan> plans = new HashMap<>();

  Gemm(GpuStream stream, boolean invariant) {
    this.stream = stream;
    this.invariant = invariant;
    stream.gpu.use();
    Cuda.cublasLt(cublasLtCreate(handle), "cublasLtCreate", stream.gpu.device);
    this.algorithms = new Algorithms(handle, WORKSPACE);
    try {
      this.workspace = stream.gpu.allocate(WORKSPACE);
    } catch (RuntimeException e) {
      closeLibrary();
      throw e;
    }
  }

  /** Computes one; a, b, d are of the shape's types. */
  void run(ProductShape shape, BytePointer a, BytePointer b, BytePointer d, boolean accumulate) {
    ProductPlan plan = plans.get(shape);
    if (plan == null) {
      plan = plan(shape);
      plans.put(shape, plan);
    }
    multiply(plan, plan.algorithm, a, b, d, accumulate);
  }

  private ProductPlan plan(ProductShape shape) {
    ProductPlan plan = new ProductPlan(shape);
    try {
      plan.algorithm =
          invariant && shape.rowsAreN()
              ? stream.gpu.steadyAlgorithms.choose(plan, this)
              : algorithms.choices(plan, splits(shape), 1).get(0);
      return plan;
    } catch (RuntimeException e) {
      plan.close();
      throw e;
    }
  }

  /** Where k is a number of rows (weight gradients), if parts of it can be aligned. */
  private static boolean splits(ProductShape shape) {
    return !shape.rowsAreN() && shape.k() % 128 == 0;
  }

  void multiply(
      ProductPlan plan,
      cublasLtMatmulHeuristicResult_t algorithm,
      BytePointer a,
      BytePointer b,
      BytePointer d,
      boolean accumulate) {
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
            algorithm.algo(),
            workspace,
            WORKSPACE,
            stream.handle);
    Cuda.cublasLt(status, "cublasLtMatmul", plan.shape);
  }

  @Override
  public void close() {
    plans.values().forEach(ProductPlan::close);
    plans.clear();
    closeLibrary();
    stream.gpu.free(workspace, WORKSPACE);
  }

  private void closeLibrary() {
    algorithms.close();
    if (!stream.gpu.isBroken()) {
      Cuda.cublasLt(cublasLtDestroy(handle), "cublasLtDestroy", stream.gpu.device);
    }
  }
}
