package hrm.model.cuda;

import static org.bytedeco.cuda.global.cudart.cudaMemcpyHostToDevice;

import org.bytedeco.javacpp.IntPointer;

/** Integers that a kernel takes from the host: rows, tokens, labels. */
final class RowNumbers {
  private final GpuStream stream;
  private final GpuMemory memory;
  private GpuBlock block;

  RowNumbers(GpuStream stream, GpuMemory memory) {
    this.stream = stream;
    this.memory = memory;
  }

  /** The numbers on the device, until the next call. */
  GpuBlock bring(int[] numbers) {
    block = memory.scratch(block, numbers.length);
    synchronized (stream.gpu) {
      stream.gpu.use();
      block.writtenBy(stream);
      try (IntPointer host = new IntPointer(numbers)) { // copied away before the call returns
        stream.copy(
            block.pointer, host, (long) numbers.length * Integer.BYTES, cudaMemcpyHostToDevice);
      }
    }
    return block;
  }
}
