package hrm.model.data;

import hrm.model.io.ModelFileException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An array of whole numbers in NumPy's format (NEP 1, versions 1 to 3), mapped into memory: little
 * endian, C order, int64, int32 or uint8.
 */
final class NpyFile {
  /** Element types by their NumPy names. */
  enum Type {
    INT64("<i8", 8),
    INT32("<i4", 4),
    UINT8("|u1", 1);

    private final String descr;
    final int bytes;

    Type(String descr, int bytes) {
      this.descr = descr;
      this.bytes = bytes;
    }
  }

  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int MAX_HEADER = 4096; // bytes; a header of ours has 128
  private static final Pattern DESCR = Pattern.compile("'descr'\\s*:\\s*'([^']{1,32})'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order'\\s*:\\s*(True|False)");
  private static final Pattern SHAPE =
      Pattern.compile("'shape'\\s*:\\s*\\(\\s*(\\d{1,18}(?:\\s*,\\s*\\d{1,18})*)?\\s*,?\\s*\\)");

  private final Path file;
  private final Type type;
  private final long[] shape;
  private final ByteBuffer data;

  private NpyFile(Path file, Type type, long[] shape, ByteBuffer data) {
    this.file = file;
    this.type = type;
    this.shape = shape;
    this.data = data;
  }

  /**
   * @param rank number of axes it must have
   * @throws ModelFileException saying what is wrong with the file
   */
  static NpyFile open(Path file, int rank) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw new ModelFileException(file, "has over 2 GiB; split the set into several");
      }
      ByteBuffer bytes =
          channel
              .map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
              .order(ByteOrder.LITTLE_ENDIAN);
      return parse(file, bytes, rank);
    } catch (NoSuchFileException e) {
      throw new ModelFileException(file, "is missing; the set's dataset.json asks for it", e);
    }
  }

  private static NpyFile parse(Path file, ByteBuffer bytes, int rank) throws ModelFileException {
    byte[] magic = new byte[MAGIC.length];
    if (bytes.remaining() < 12 || !Arrays.equals(MAGIC, get(bytes, magic))) {
      throw new ModelFileException(file, "is not a NumPy array file; write it with numpy.save");
    }
    int version = bytes.get();
    bytes.get(); // minor
    if (version < 1 || version > 3) {
      throw new ModelFileException(
          file, "is of NumPy format version %d; 1 to 3 are read".formatted(version));
    }
    long length = version == 1 ? bytes.getShort() & 0xffff : bytes.getInt() & 0xffffffffL;
    if (length > MAX_HEADER || length > bytes.remaining()) {
      throw new ModelFileException(
          file, "has a header of %d bytes; it is cut short or damaged".formatted(length));
    }
    String header = new String(get(bytes, new byte[(int) length]), StandardCharsets.ISO_8859_1);
    Type type = type(file, header);
    if (!field(file, header, ORDER, "fortran_order").equals("False")) {
      throw new ModelFileException(
          file, "is in Fortran order; save numpy.ascontiguousarray(a) instead");
    }
    long[] shape = shape(file, header, rank);
    ByteBuffer data = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    long left = data.remaining() / type.bytes;
    boolean fits = data.remaining() % type.bytes == 0;
    for (long extent : shape) { // divided, because a product could wrap around
      fits &= extent == 0 ? left == 0 : left % extent == 0;
      left = extent == 0 ? 1 : left / extent;
    }
    if (!fits || left != 1) {
      throw new ModelFileException(
          file,
          "has %d bytes of data, which is not %s of shape %s; it is cut short or damaged"
              .formatted(data.remaining(), type, Arrays.toString(shape)));
    }
    return new NpyFile(file, type, shape, data);
  }

  private static byte[] get(ByteBuffer bytes, byte[] into) {
    bytes.get(into);
    return into;
  }

  private static Type type(Path file, String header) throws ModelFileException {
    String descr = field(file, header, DESCR, "descr");
    for (Type type : Type.values()) {
      if (type.descr.equals(descr) || type.descr.replace('|', '<').equals(descr)) {
        return type;
      }
    }
    throw new ModelFileException(
        file,
        "has elements of type '%s'; int64, int32 and uint8, little-endian, are read"
            .formatted(descr));
  }

  private static long[] shape(Path file, String header, int rank) throws ModelFileException {
    String text = field(file, header, SHAPE, "shape");
    String[] axes = text.isEmpty() ? new String[0] : text.split("\\s*,\\s*");
    long[] shape = Arrays.stream(axes).mapToLong(Long::parseLong).toArray();
    if (shape.length != rank) {
      throw new ModelFileException(
          file, "has shape %s; %d axes are expected".formatted(Arrays.toString(shape), rank));
    }
    return shape;
  }

  private static String field(Path file, String header, Pattern pattern, String name)
      throws ModelFileException {
    Matcher matcher = pattern.matcher(header);
    if (!matcher.find()) {
      throw new ModelFileException(
          file, "has no readable %s in its header; it is damaged".formatted(name));
    }
    return matcher.group(1) == null ? "" : matcher.group(1);
  }

  Path file() {
    return file;
  }

  int rows() {
    return (int) shape[0]; // a file has less than 2^31 bytes, and no axis beyond the first is empty
  }

  int columns() {
    return (int) shape[1];
  }

  int elements() {
    return data.remaining() / type.bytes;
  }

  /** Element i in C order. */
  long get(int i) {
    return switch (type) {
      case INT64 -> data.getLong(8 * i);
      case INT32 -> data.getInt(4 * i);
      case UINT8 -> data.get(i) & 0xff;
    };
  }

  /** Begins a file: the header for an array of this shape; the elements follow, little-endian. */
  static OutputStream create(Path file, Type type, long... shape) throws IOException {
    OutputStream out = new java.io.BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
    out.write(header(type.descr, shape));
    return out;
  }

  /** What stands before the elements; a multiple of 64 bytes. */
  static byte[] header(String descr, long... shape) {
    StringBuilder axes = new StringBuilder();
    for (long extent : shape) {
      axes.append(extent).append(", ");
    }
    String text = shape.length == 1 ? shape[0] + "," : axes.substring(0, axes.length() - 2);
    String header =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(descr, text);
    int padded = (10 + header.length() + 1 + 63) / 64 * 64 - 10;
    ByteBuffer head = ByteBuffer.allocate(10 + padded).order(ByteOrder.LITTLE_ENDIAN);
    head.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) padded);
    head.put(
        (header + " ".repeat(padded - header.length() - 1) + "\n")
            .getBytes(StandardCharsets.ISO_8859_1));
    return head.array();
  }
}
