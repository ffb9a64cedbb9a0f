package hrm.model.cuda;

import static hrm.model.cuda.GpuBlock.of;
import static hrm.model.cuda.Operands.check;

import hrm.model.Block;

/** Matrix products by cublasLt, with operands in the working type. */
final class ProductCalls {
  private final GpuStream stream;
  private final GpuMemory memory;
  private final ElementCalls elements;
  private final Gemm gemm;

  ProductCalls(GpuStream stream, GpuMemory memory, ElementCalls elements, Gemm gemm) {
    this.stream = stream;
    this.memory = memory;
    this.elements = elements;
    this.gemm = gemm;
  }

  void linear(Block x, Block w, Block y, int rows, int in, int out) {
    check("linear", x, (long) rows * in);
    check("linear", w, (long) out * in);
    check("linear", y, (long) rows * out);
    multiply(w, true, x, false, y, out, rows, in, true, false);
  }

  void linearBackwardInput(
      Block dy, Block w, Block dx, int rows, int in, int out, boolean accumulate) {
    check("linearBackwardInput", dy, (long) rows * out);
    check("linearBackwardInput", w, (long) out * in);
    check("linearBackwardInput", dx, (long) rows * in);
    multiply(w, false, dy, false, dx, in, rows, out, true, accumulate);
  }

  void linearBackwardWeight(Block dy, Block x, Block dw, int rows, int in, int out) {
    check("linearBackwardWeight", dy, (long) rows * out);
    check("linearBackwardWeight", x, (long) rows * in);
    check("linearBackwardWeight", dw, (long) out * in);
    multiply(x, false, dy, true, dw, in, out, rows, false, true);
  }

  /** d (m, n) = op(a) (m, k) op(b) (k, n), column-major. */
  private void multiply(
      Block a,
      boolean transposeA,
      Block b,
      boolean transposeB,
      Block d,
      int m,
      int n,
      int k,
      boolean rowsAreN,
      boolean accumulate) {
    synchronized (stream.gpu) {
      stream.gpu.use();
      GpuBlock left = operand(of(a), (long) m * k);
      GpuBlock right = operand(of(b), (long) k * n);
      left.readBy(stream);
      right.readBy(stream);
      of(d).writtenBy(stream);
      long addresses = left.address | right.address | of(d).address;
      int alignment = (int) Math.min(256, Math.max(1, Long.lowestOneBit(addresses)));
      gemm.run(
          new ProductShape(
              transposeA, transposeB, m, n, k, memory.work, of(d).storage, rowsAreN, alignment),
          left.pointer,
          right.pointer,
          of(d).pointer,
          accumulate);
    }
  }

  /** Whether it is in the working type as it stands, so that {@link #operand} computes nothing. */
  boolean isReady(Block block) {
    synchronized (stream.gpu) {
      return of(block).storage == memory.work || !of(block).shadowIsStale();
    }
  }

  /** As the next; takes the GPU's lock. */
  Block operand(Block block, long n) {
    synchronized (stream.gpu) {
      stream.gpu.use();
      return operand(of(block), n);
    }
  }

  /** The block itself, or its copy in the working type, brought up to date. */
  private GpuBlock operand(GpuBlock block, long n) {
    if (block.storage == memory.work) {
      return block;
    }
    GpuBlock shadow = block.shadow(memory);
    if (block.shadowIsStale()) {
      elements.convert(block, shadow, n);
      block.shadowIsFresh();
    }
    return shadow;
  }
}
