package hrm.model.cuda;

import static org.bytedeco.cuda.global.cublas.cublasLtGetStatusString;
import static org.bytedeco.cuda.global.cudart.cuGetErrorString;
import static org.bytedeco.cuda.global.cudart.cudaGetErrorString;
import static org.bytedeco.cuda.global.cudart.cudaGetLastError;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetErrorString;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;

/** Checks of what CUDA's libraries return: 0, or an exception that names the call and the shape. */
final class Cuda {
  private static final int OUT_OF_MEMORY = 2;

  private Cuda() {}

  /** Of the runtime library. */
  static void runtime(int result, String call, Object on) {
    if (result != 0) {
      cudaGetLastError(); // clears what would be found again by the next call
      throw new CudaException(
          call, String.valueOf(on), result, words(cudaGetErrorString(result)), true);
    }
  }

  static boolean isOutOfMemory(CudaException e) {
    return e.code == OUT_OF_MEMORY;
  }

  /** Of the driver. */
  static void driver(int result, String call, Object on) {
    if (result != 0) {
      String words = "unknown";
      try (PointerPointer<BytePointer> text = new PointerPointer<>(1)) {
        if (cuGetErrorString(result, text) == 0) {
          words = words(text.get(BytePointer.class));
        }
      }
      throw new CudaException(call, String.valueOf(on), result, words, true);
    }
  }

  static void cublasLt(int status, String call, Object on) {
    if (status != 0) {
      throw new CudaException(
          call, String.valueOf(on), status, words(cublasLtGetStatusString(status)), false);
    }
  }

  static void nvrtc(int result, String call, Object on) {
    if (result != 0) {
      throw new CudaException(
          call, String.valueOf(on), result, words(nvrtcGetErrorString(result)), false);
    }
  }

  private static String words(BytePointer text) {
    return text == null || text.isNull() ? "unknown" : text.getString();
  }
}
