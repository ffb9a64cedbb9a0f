package hrm.model.io;

import java.nio.ByteBuffer;

/**
 * The element types of a safetensors file that this project reads and writes, each with the Java
 * array its elements live in. In the file they are little-endian.
 */
public enum DType {
  /** IEEE 754 binary32, in {@code float[]}. */
  F32(4),
  /** IEEE 754 binary64, in {@code double[]}. */
  F64(8),
  /** The upper half of a binary32, in {@code float[]}; rounded to nearest even when written. */
  BF16(2),
  /** IEEE 754 binary16, in {@code float[]}; rounded to nearest even when written. */
  F16(2),
  /** Signed, in {@code int[]}. */
  I32(4),
  /** Signed, in {@code long[]}. */
  I64(8),
  /** Unsigned, in {@code byte[]}. */
  U8(1),
  /** 0 or 1, in {@code byte[]}. */
  BOOL(1);

  private final int bytes;

  DType(int bytes) {
    this.bytes = bytes;
  }

  /** Bytes of one element in the file. */
  public int bytes() {
    return bytes;
  }

  /** A Java array that holds so many elements of this type. */
  public Object newArray(int length) {
    return switch (this) {
      case F32, BF16, F16 -> new float[length];
      case F64 -> new double[length];
      case I32 -> new int[length];
      case I64 -> new long[length];
      case U8, BOOL -> new byte[length];
    };
  }

  /** The length of an array of this type's Java array class, or -1 for another class. */
  int lengthOf(Object array) {
    return switch (this) {
      case F32, BF16, F16 -> array instanceof float[] a ? a.length : -1;
      case F64 -> array instanceof double[] a ? a.length : -1;
      case I32 -> array instanceof int[] a ? a.length : -1;
      case I64 -> array instanceof long[] a ? a.length : -1;
      case U8, BOOL -> array instanceof byte[] a ? a.length : -1;
    };
  }

  /**
   * Values as a file of this floating-point type would give them back; a new array.
   *
   * @throws IllegalStateException for a type of whole numbers
   */
  public float[] rounded(float[] values) {
    float[] rounded = values.clone();
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] =
          switch (this) {
            case F32, F64 -> values[i];
            case BF16 -> Halves.fromBf16(Halves.toBf16(values[i]));
            case F16 -> Halves.fromF16(Halves.toF16(values[i]));
            case I32, I64, U8, BOOL -> throw new IllegalStateException(this + " has no fractions");
          };
    }
    return rounded;
  }

  /** Reads {@code count} elements from a little-endian buffer to {@code array}, from {@code at}. */
  public void get(ByteBuffer from, Object array, int at, int count) {
    switch (this) {
      case F32 -> from.slice().order(from.order()).asFloatBuffer().get((float[]) array, at, count);
      case F64 ->
          from.slice().order(from.order()).asDoubleBuffer().get((double[]) array, at, count);
      case I32 -> from.slice().order(from.order()).asIntBuffer().get((int[]) array, at, count);
      case I64 -> from.slice().order(from.order()).asLongBuffer().get((long[]) array, at, count);
      case U8, BOOL -> from.slice().get((byte[]) array, at, count);
      case BF16, F16 -> {
        float[] floats = (float[]) array;
        for (int i = 0; i < count; i++) {
          short bits = from.getShort(from.position() + 2 * i);
          floats[at + i] = this == F16 ? Halves.fromF16(bits) : Halves.fromBf16(bits);
        }
      }
    }
  }

  /** Writes {@code count} elements of {@code array}, from {@code at}, to a little-endian buffer. */
  public void put(Object array, int at, int count, ByteBuffer to) {
    switch (this) {
      case F32 -> to.slice().order(to.order()).asFloatBuffer().put((float[]) array, at, count);
      case F64 -> to.slice().order(to.order()).asDoubleBuffer().put((double[]) array, at, count);
      case I32 -> to.slice().order(to.order()).asIntBuffer().put((int[]) array, at, count);
      case I64 -> to.slice().order(to.order()).asLongBuffer().put((long[]) array, at, count);
      case U8, BOOL -> to.slice().put((byte[]) array, at, count);
      case BF16, F16 -> {
        float[] floats = (float[]) array;
        for (int i = 0; i < count; i++) {
          float f = floats[at + i];
          to.putShort(to.position() + 2 * i, this == F16 ? Halves.toF16(f) : Halves.toBf16(f));
        }
      }
    }
  }
}
