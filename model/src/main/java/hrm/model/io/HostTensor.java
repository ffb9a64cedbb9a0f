package hrm.model.io;

import java.nio.ByteBuffer;

/**
 * A tensor on the host as its file holds it.
 *
 * @param data row-major, little-endian, exactly shape x dtype
 */
public record HostTensor(DType dtype, int[] shape, ByteBuffer data) {
  /** Element types by their names in safetensors files. */
  public enum DType {
    F64(8),
    F32(4),
    F16(2),
    BF16(2),
    I64(8),
    I32(4),
    U8(1),
    BOOL(1);

    final int bytes;

    DType(int bytes) {
      this.bytes = bytes;
    }
  }

  public static HostTensor of(float[] values, int... shape) {
    ByteBuffer data = SafeTensors.buffer(values.length * 4);
    data.asFloatBuffer().put(values);
    return new HostTensor(DType.F32, shape, data);
  }

  public static HostTensor of(int[] values, int... shape) {
    ByteBuffer data = SafeTensors.buffer(values.length * 4);
    data.asIntBuffer().put(values);
    return new HostTensor(DType.I32, shape, data);
  }

  /** Rounds to nearest even; exact for values that are bfloat16 already. */
  public static HostTensor bfloat16(float[] values, int... shape) {
    ByteBuffer data = SafeTensors.buffer(values.length * 2);
    for (int i = 0; i < values.length; i++) {
      int bits = Float.floatToRawIntBits(values[i]);
      data.putShort(2 * i, (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16));
    }
    return new HostTensor(DType.BF16, shape, data);
  }

  public int size() {
    return data.limit() / dtype.bytes;
  }

  /** Its values as float32; F64 is rounded, integers are converted. */
  public float[] floats() {
    float[] values = new float[size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (dtype) {
            case F32 -> data.getFloat(4 * i);
            case F64 -> (float) data.getDouble(8 * i);
            case BF16 -> Float.intBitsToFloat(data.getShort(2 * i) << 16);
            case F16 -> half(data.getShort(2 * i));
            default -> number(i);
          };
    }
    return values;
  }

  /** Its values as ints; fractions are cut. */
  public int[] ints() {
    int[] values = new int[size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (dtype) {
            case I64, I32, U8, BOOL -> Math.toIntExact(number(i));
            default -> (int) floats()[i];
          };
    }
    return values;
  }

  private long number(int i) {
    return switch (dtype) {
      case I64 -> data.getLong(8 * i);
      case I32 -> data.getInt(4 * i);
      default -> data.get(i) & 0xFF;
    };
  }

  private static float half(short bits) {
    int exponent = bits >>> 10 & 0x1F;
    int fraction = bits & 0x3FF;
    float magnitude =
        exponent == 0
            ? fraction * 0x1p-24f
            : exponent == 31
                ? fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN
                : (1 + fraction * 0x1p-10f) * (float) Math.pow(2, exponent - 15);
    return bits < 0 ? -magnitude : magnitude;
  }
}
