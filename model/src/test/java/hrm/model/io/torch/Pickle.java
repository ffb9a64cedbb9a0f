package hrm.model.io.torch;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** A pickle, opcode by opcode: what torch.save writes, and what it never would. */
public final class Pickle {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  public static Pickle protocol(int version) {
    return new Pickle().op(0x80, version);
  }

  public Pickle op(int... bytes) {
    for (int b : bytes) {
      out.write(b);
    }
    return this;
  }

  /** Opcodes and arguments that are printable. */
  public Pickle ops(String ascii) {
    out.writeBytes(ascii.getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  public Pickle times(int count, String ascii) {
    return ops(ascii.repeat(count));
  }

  public Pickle global(String module, String name) {
    return ops("c" + module + "\n" + name + "\n");
  }

  public Pickle text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    op('X');
    out.writeBytes(little(4).putInt(0, bytes.length).array());
    out.writeBytes(bytes);
    return this;
  }

  public Pickle whole(long value) {
    op(0x8a, 8);
    out.writeBytes(little(8).putLong(0, value).array());
    return this;
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  public Pickle wholes(long... values) {
    op('(');
    for (long value : values) {
      whole(value);
    }
    return op('t');
  }

  public Pickle orderedDict() {
    return global("collections", "OrderedDict").ops(")R");
  }

  public Pickle storage(String type, String key, long elements) {
    return op('(')
        .text("storage")
        .global("torch", type)
        .text(key)
        .text("cuda:0")
        .whole(elements)
        .ops("tQ");
  }

  /** A view of a storage. */
  public Pickle tensor(
      String type, String key, long elements, long offset, long[] shape, long[] strides) {
    return global("torch._utils", "_rebuild_tensor_v2")
        .op('(')
        .storage(type, key, elements)
        .whole(offset)
        .wholes(shape)
        .wholes(strides)
        .op(0x89)
        .orderedDict()
        .ops("tR");
  }

  public byte[] stop() {
    op('.');
    return out.toByteArray();
  }
}
