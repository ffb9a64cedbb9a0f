package hrm.model.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Float32 arrays in NumPy's format (NEP 1): little-endian, C order. */
public final class NpyFloats {
  private NpyFloats() {}

  /**
   * The bytes of an .npy file.
   *
   * @throws IllegalArgumentException when the values are not as many as the shape asks for
   */
  public static byte[] bytes(float[] values, long... shape) {
    long size = 1;
    for (long extent : shape) {
      size = Math.multiplyExact(size, extent);
    }
    if (size != values.length) {
      throw new IllegalArgumentException(
          "%d values do not fill an array of %d elements".formatted(values.length, size));
    }
    byte[] header = NpyFile.header("<f4", shape);
    ByteBuffer bytes =
        ByteBuffer.allocate(header.length + 4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(header);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }
}
