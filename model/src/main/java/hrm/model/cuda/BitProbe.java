package hrm.model.cuda;

import static org.bytedeco.cuda.global.cudart.cudaMemcpyDeviceToHost;
import static org.bytedeco.cuda.global.cudart.cudaMemcpyHostToDevice;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import org.bytedeco.cuda.cublas.cublasLtMatmulHeuristicResult_t;
import org.bytedeco.javacpp.BytePointer;

/**
 * A product of one shape by one algorithm, which others are compared with. Its sums are zero but
 * for rounding: two algorithms that add in different orders leave different remainders, which even
 * bfloat16 shows. The first and the last columns are compared, so that tiles that a matrix does not
 * fill are among them. Only products without transposed B are tried.
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

  /** Numbers whose products cancel: each pair of k's two halves, the second in another order. */
  private void fill() {
    ProductShape s = plan.shape;
    SplittableRandom random = new SplittableRandom(1);
    int half = s.k() / 2;
    int[] source = new int[s.k()]; // which number of the first half stands there
    for (int p = 0; p < half; p++) {
      source[p] = p;
      int other = random.nextInt(p + 1);
      source[half + p] = source[half + other];
      source[half + other] = p;
    }
    float[] left = new float[Math.multiplyExact(s.m(), s.k())];
    for (int i = 0; i < s.m(); i++) {
      for (int p = 0; p < s.k(); p++) {
        int at = p < half ? -1 : s.transposeA() ? i * s.k() + source[p] : source[p] * s.m() + i;
        float value = at < 0 ? any(random) : left[at];
        left[s.transposeA() ? i * s.k() + p : p * s.m() + i] = value;
      }
    }
    int columns = Math.min(COLUMNS, s.n());
    float[] right = new float[columns * s.k()];
    for (int j = 0; j < columns; j++) {
      for (int p = 0; p < 2 * half; p++) {
        right[j * s.k() + p] = p < half ? any(random) : -right[j * s.k() + source[p]];
      }
    }
    write(left, a, bytesOfA());
    write(right, b, bytesOfB());
    gemm.stream.synchronize("numbers for a product that is tried");
  }

  /** Of a wide range, so that sums round. */
  private static float any(SplittableRandom random) {
    return (float) Math.scalb(random.nextDouble(-1, 1), -random.nextInt(8));
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
