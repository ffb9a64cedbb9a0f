package hrm.model.cpu;

import org.bytedeco.javacpp.FloatPointer;

/** A pointer into a block that can be moved, so that BLAS calls make no garbage. */
final class Cursor extends FloatPointer {
  Cursor at(NativeBlock block, long offset) {
    address = block.address() + offset * Float.BYTES;
    return this;
  }
}
