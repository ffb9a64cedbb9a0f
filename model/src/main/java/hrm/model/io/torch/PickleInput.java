package hrm.model.io.torch;

import hrm.model.io.ModelFileException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The bytes of a pickle in turn, with the argument encodings of its opcodes. */
final class PickleInput {
  static final int MAX_STRING = 1 << 20; // bytes
  private static final int MAX_LINE = 256; // bytes

  private final Path file;
  private final ByteBuffer bytes;

  PickleInput(Path file, byte[] pickle) {
    this.file = file;
    this.bytes = ByteBuffer.wrap(pickle).order(ByteOrder.LITTLE_ENDIAN);
  }

  int position() {
    return bytes.position();
  }

  private void need(long count) throws ModelFileException {
    if (count > bytes.remaining()) {
      throw new ModelFileException(
          file,
          "its pickle ends inside an opcode, at byte %d; the file is cut short or damaged, fetch it again"
              .formatted(bytes.position()));
    }
  }

  int u1() throws ModelFileException {
    need(1);
    return bytes.get() & 0xff;
  }

  int u2() throws ModelFileException {
    need(2);
    return bytes.getShort() & 0xffff;
  }

  int i4() throws ModelFileException {
    need(4);
    return bytes.getInt();
  }

  long u4() throws ModelFileException {
    return i4() & 0xffffffffL;
  }

  long i8() throws ModelFileException {
    need(8);
    return bytes.getLong();
  }

  /** A double, the only argument that is big-endian. */
  double f8() throws ModelFileException {
    return Double.longBitsToDouble(Long.reverseBytes(i8()));
  }

  /** A whole number of so many bytes, two's complement. */
  long whole(long length) throws ModelFileException {
    if (length > 8) {
      throw new ModelFileException(
          file, "its pickle holds a whole number of %d bytes; 8 are the limit".formatted(length));
    }
    need(length);
    long value = 0;
    for (int i = 0; i < length; i++) {
      long b = i == length - 1 ? bytes.get() : bytes.get() & 0xff;
      value |= b << 8 * i;
    }
    return value;
  }

  String text(long length) throws ModelFileException {
    if (length < 0 || length > MAX_STRING) {
      throw new ModelFileException(
          file,
          "its pickle holds a string of %s bytes, over the limit of %d"
              .formatted(Long.toUnsignedString(length), MAX_STRING));
    }
    need(length);
    String text = new String(bytes.array(), bytes.position(), (int) length, StandardCharsets.UTF_8);
    bytes.position(bytes.position() + (int) length);
    return text;
  }

  String line() throws ModelFileException {
    int from = bytes.position();
    for (int i = from; i < bytes.limit() && i - from <= MAX_LINE; i++) {
      if (bytes.get(i) == '\n') {
        String line = text(i - from);
        bytes.get();
        return line;
      }
    }
    throw new ModelFileException(
        file,
        "its pickle has a line without an end, or over %d bytes, at byte %d"
            .formatted(MAX_LINE, from));
  }

  /** A name from the file as it may be printed: one line, not long. */
  static String shown(String name) {
    String clean = name.replaceAll("[^\\x20-\\x7e]", "?");
    return clean.length() > 120 ? clean.substring(0, 117) + "..." : clean;
  }
}
