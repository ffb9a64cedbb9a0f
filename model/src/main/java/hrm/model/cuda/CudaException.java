package hrm.model.cuda;

import java.util.Set;

/** A call of a CUDA library that failed: which call, on what, and the library's own words. */
final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Results after which nothing in this process works on the device until it is reset. */
  private static final Set<Integer> FATAL =
      Set.of(
          46, 100, 201, 214, 220, 226, 700, 702, 708, 709, 710, 714, 715, 716, 717, 718, 719, 999);

  final int code;
  final boolean fatal;

  CudaException(String call, String on, int code, String words, boolean ofDriver) {
    super("%s(%s) failed: %s (%d)".formatted(call, on, words, code));
    this.code = code;
    this.fatal = ofDriver && FATAL.contains(code);
  }
}
