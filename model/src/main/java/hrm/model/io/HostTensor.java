package hrm.model.io;

import java.util.Arrays;

/**
 * An array with a shape, in Java memory, in row order. Arrays are held, not copied, and two tensors
 * are equal only when they hold the same arrays.
 *
 * @param shape may be empty: one element
 * @param data the array {@link DType} names, of exactly the shape's number of elements
 */
public record HostTensor(DType dtype, int[] shape, Object data) {
  public HostTensor {
    int length = dtype.lengthOf(data);
    if (length < 0) {
      throw new IllegalArgumentException(
          dtype + " data cannot be a " + data.getClass().getSimpleName());
    }
    long elements = 1;
    boolean negative = false;
    for (int extent : shape) {
      negative |= extent < 0;
      elements = Math.min(elements * extent, 1L << 31); // capped, a later 0 still counts
    }
    if (negative || elements != length) {
      throw new IllegalArgumentException(
          "shape " + Arrays.toString(shape) + " does not hold " + length + " elements");
    }
  }

  /** An F32 tensor that holds these very values. */
  public static HostTensor of(float[] values, int... shape) {
    return new HostTensor(DType.F32, shape, values);
  }

  /** An I32 tensor that holds these very values. */
  public static HostTensor of(int[] values, int... shape) {
    return new HostTensor(DType.I32, shape, values);
  }

  /** The number of elements. */
  public int size() {
    return dtype.lengthOf(data);
  }

  /**
   * The elements as floats: the array held itself for F32, BF16 and F16, a rounded copy for F64.
   *
   * @throws IllegalStateException for a type of whole numbers
   */
  public float[] floats() {
    return switch (dtype) {
      case F32, BF16, F16 -> (float[]) data;
      case F64 -> {
        double[] doubles = (double[]) data;
        float[] floats = new float[doubles.length];
        for (int i = 0; i < floats.length; i++) {
          floats[i] = (float) doubles[i];
        }
        yield floats;
      }
      case I32, I64, U8, BOOL ->
          throw new IllegalStateException(dtype + " holds whole numbers; read it with ints()");
    };
  }

  /**
   * The elements as ints: the array held itself for I32, a copy for I64, U8 (0..255) and BOOL.
   *
   * @throws IllegalStateException for a floating-point type
   * @throws ArithmeticException for an I64 outside the range of int
   */
  public int[] ints() {
    return switch (dtype) {
      case I32 -> (int[]) data;
      case I64 -> Arrays.stream((long[]) data).mapToInt(Math::toIntExact).toArray();
      case U8, BOOL -> {
        byte[] bytes = (byte[]) data;
        int[] ints = new int[bytes.length];
        for (int i = 0; i < ints.length; i++) {
          ints[i] = Byte.toUnsignedInt(bytes[i]);
        }
        yield ints;
      }
      case F32, F64, BF16, F16 ->
          throw new IllegalStateException(dtype + " holds fractions; read it with floats()");
    };
  }
}
