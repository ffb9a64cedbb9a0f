package hrm.model.cuda;

import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_TRANSA;
import static org.bytedeco.cuda.global.cublas.CUBLASLT_MATMUL_DESC_TRANSB;
import static org.bytedeco.cuda.global.cublas.CUBLAS_COMPUTE_32F;
import static org.bytedeco.cuda.global.cublas.CUBLAS_OP_T;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulDescCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulDescDestroy;
import static org.bytedeco.cuda.global.cublas.cublasLtMatmulDescSetAttribute;
import static org.bytedeco.cuda.global.cublas.cublasLtMatrixLayoutCreate;
import static org.bytedeco.cuda.global.cublas.cublasLtMatrixLayoutDestroy;
import static org.bytedeco.cuda.global.cudart.CUDA_R_16BF;
import static org.bytedeco.cuda.global.cudart.CUDA_R_32F;

import org.bytedeco.cuda.cublas.cublasLtMatmulDescOpaque_t;
import org.bytedeco.cuda.cublas.cublasLtMatmulHeuristicResult_t;
import org.bytedeco.cuda.cublas.cublasLtMatrixLayoutOpaque_t;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.PointerPointer;

/** One shape's descriptors, and the algorithm that is used for it. */
final class ProductPlan implements AutoCloseable {
  final ProductShape shape;
  final cublasLtMatmulDescOpaque_t desc;
  final cublasLtMatrixLayoutOpaque_t a;
  final cublasLtMatrixLayoutOpaque_t b;
  final cublasLtMatrixLayoutOpaque_t d;
  cublasLtMatmulHeuristicResult_t algorithm;

  ProductPlan(ProductShape s) {
    this.shape = s;
    try (PointerPointer<?> made = new PointerPointer<>(1)) {
      Cuda.cublasLt(
          cublasLtMatmulDescCreate(made, CUBLAS_COMPUTE_32F, CUDA_R_32F),
          "cublasLtMatmulDescCreate",
          s);
      this.desc = new cublasLtMatmulDescOpaque_t(made.get());
    }
    transpose(CUBLASLT_MATMUL_DESC_TRANSA, s.transposeA());
    transpose(CUBLASLT_MATMUL_DESC_TRANSB, s.transposeB());
    this.a = s.transposeA() ? layout(s.in(), s.k(), s.m()) : layout(s.in(), s.m(), s.k());
    this.b = s.transposeB() ? layout(s.in(), s.n(), s.k()) : layout(s.in(), s.k(), s.n());
    this.d = layout(s.out(), s.m(), s.n());
  }

  private void transpose(int attribute, boolean transposed) {
    if (transposed) {
      try (IntPointer value = new IntPointer(new int[] {CUBLAS_OP_T})) {
        Cuda.cublasLt(
            cublasLtMatmulDescSetAttribute(desc, attribute, value, 4),
            "cublasLtMatmulDescSetAttribute",
            shape);
      }
    }
  }

  private cublasLtMatrixLayoutOpaque_t layout(Storage type, int rows, int columns) {
    try (PointerPointer<?> made = new PointerPointer<>(1)) {
      Cuda.cublasLt(
          cublasLtMatrixLayoutCreate(
              made, type == Storage.FLOAT32 ? CUDA_R_32F : CUDA_R_16BF, rows, columns, rows),
          "cublasLtMatrixLayoutCreate",
          shape);
      return new cublasLtMatrixLayoutOpaque_t(made.get());
    }
  }

  @Override
  public void close() {
    cublasLtMatmulDescDestroy(desc);
    cublasLtMatrixLayoutDestroy(a);
    cublasLtMatrixLayoutDestroy(b);
    cublasLtMatrixLayoutDestroy(d);
  }
}
