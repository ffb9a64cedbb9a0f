package hrm.model.cuda;

import hrm.model.io.DType;

/** A type in GPU memory. */
enum Storage {
  FLOAT32(DType.F32, 'f', 4),
  BFLOAT16(DType.BF16, 'b', 8);

  final DType dtype;
  final int bytes;
  private final char letter;
  private final int wide; // elements of 16 bytes

  Storage(DType dtype, char letter, int wide) {
    this.dtype = dtype;
    this.bytes = dtype.bytes();
    this.letter = letter;
    this.wide = wide;
  }

  /** Elements that a kernel may take at once, given what every row and address is a multiple of. */
  int width(long elements, long addresses) {
    return elements % wide == 0 && addresses % 16 == 0 ? wide : 1;
  }

  /** A kernel's name for this type and access width, as in common.cuh. */
  String kernel(String name, int width) {
    return name + '_' + letter + width;
  }
}
