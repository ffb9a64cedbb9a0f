package hrm.model.cuda;

import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToHost;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyHostToDevice;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.bytedeco.cuda.cublas.cublasLtMatmulHeuristicResult_t;
import org.bytedeco.javacpp.BytePointer;

/**
 * A product of one shape by one algorithm, which others are compared with, of numbers whose sums
 * cancel. The first and the last columns are compared, so that tiles that a matrix does not fill
 * are among them. Only products without transposed B are tried.
 */
final class BitProbe implements AutoCloseable {
  private static final int COLUMNS = 61; // of B that differ; a prime, so that tiles do
  private static final int COMPARED = 1 << 20; // bytes at each end

  private final Gemm gemm;
  private final ProductPlan plan;
  private final Gpu gpu;
  private BytePointer a;
  private BytePointer b;
  private BytePointer d;
  private final ByteBuffer expected;

  BitProbe(ProductPlan plan, cublasLtMatmulHeuristicResult_t algorithm, Gemm gemm) {
    this.gemm = gemm;
    this.plan = plan;
    this.gpu = gemm.stream.gpu;
    try {
      this.a = gpu.allocate(bytesOfA());
      this.b = gpu.allocate(bytesOfB());
      this.d = gpu.allocate(bytesOfD());
      fill();
      this.expected = result(algorithm);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  boolean agrees(cublasLtMatmulHeuristicResult_t algorithm) {
    return expected.equals(result(algorithm));
  }

  private ByteBuffer result(cublasLtMatmulHeuristicResult_t algorithm) {
    gemm.multiply(plan, algorithm, a, b, d, false);
    int n = (int) Math.min(bytesOfD(), COMPARED);
    ByteBuffer ends = ByteBuffer.allocateDirect(2 * n);
    BytePointer host = new BytePointer(ends);
    gemm.stream.copy(host, d, n, cudaMemcpyDeviceToHost);
    gemm.stream.copy(at(host, n), at(d, bytesOfD() - n), n, cudaMemcpyDeviceToHost);
    gemm.stream.synchronize("a product that is tried, " + plan.shape);
    return ends;
  }

  private void fill() {
    ProductShape s = plan.shape;
    CancellingNumbers numbers = new CancellingNumbers(s.k());
    float[] left = numbers.plain(s.m());
    write(s.transposeA() ? left : transposed(left, s.m(), s.k()), a, bytesOfA());
    write(numbers.negated(Math.min(COLUMNS, s.n())), b, bytesOfB());
    gemm.stream.synchronize("numbers for a product that is tried");
  }

  private static float[] transposed(float[] x, int rows, int columns) {
    float[] y = new float[x.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        y[j * rows + i] = x[i * columns + j];
      }
    }
    return y;
  }

  /** The numbers again and again. */
  private void write(float[] numbers, BytePointer to, long bytes) {
    Storage type = plan.shape.in();
    int length = numbers.length * type.bytes;
    ByteBuffer buffer = ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
    type.dtype.put(numbers, 0, numbers.length, buffer);
    BytePointer host = new BytePointer(buffer.clear());
    for (long done = 0; done < bytes; done += length) {
      gemm.stream.copy(at(to, done), host, Math.min(length, bytes - done), cudaMemcpyHostToDevice);
    }
  }

  private static BytePointer at(BytePointer start, long bytes) {
    return new BytePointer(start).position(bytes);
  }

  private long bytesOfA() {
    return (long) plan.shape.m() * plan.shape.k() * plan.shape.in().bytes;
  }

  private long bytesOfB() {
    return (long) plan.shape.n() * plan.shape.k() * plan.shape.in().bytes;
  }

  private long bytesOfD() {
    return (long) plan.shape.m() * plan.shape.n() * plan.shape.out().bytes;
  }

  @Override
  public void close() {
    free(a, bytesOfA());
    free(b, bytesOfB());
    free(d, bytesOfD());
  }

  private void free(BytePointer pointer, long bytes) {
    if (pointer != null) {
      gpu.free(pointer, bytes);
    }
  }
}
