package hrm.model.io.torch;

import hrm.model.io.DType;

/**
 * A tensor as its checkpoint describes it, its elements not read yet: element (i, j, ..) lies in
 * the storage at {@code offset + i * strides[0] + j * strides[1] + ..}. Checked to lie inside.
 */
public final class TorchTensor {
  private final TorchStorage storage;
  private final long offset;
  private final int[] shape;
  private final long[] strides;

  TorchTensor(TorchStorage storage, long offset, int[] shape, long[] strides) {
    this.storage = storage;
    this.offset = offset;
    this.shape = shape;
    this.strides = strides;
  }

  public int[] shape() {
    return shape.clone();
  }

  public DType dtype() {
    return storage.type().dtype();
  }

  TorchStorage storage() {
    return storage;
  }

  long offset() {
    return offset;
  }

  long stride(int axis) {
    return strides[axis];
  }

  int rank() {
    return shape.length;
  }

  int extent(int axis) {
    return shape[axis];
  }

  int size() {
    int size = 1;
    for (int extent : shape) {
      size *= extent;
    }
    return size;
  }

  /** Elements of the storage from the first to the last that belong to the tensor. */
  long span() {
    long span = 1;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] == 0) {
        return 0;
      }
      span += (shape[i] - 1) * strides[i];
    }
    return span;
  }

  /** Whether the elements lie in the storage in row order, without gaps. */
  boolean isContiguous() {
    long expected = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      if (shape[i] != 1 && strides[i] != expected) {
        return size() == 0;
      }
      expected *= shape[i];
    }
    return true;
  }
}
