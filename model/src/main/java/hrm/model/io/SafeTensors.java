package hrm.model.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The safetensors file format (github.com/huggingface/safetensors): the length of the header in 8
 * bytes, little-endian; the header, {@link SafeTensorsHeader}; the tensors' bytes.
 */
public final class SafeTensors {
  private static final long MAX_HEADER = 100_000_000; // bytes, as the reference implementation
  private static final int CHUNK = 1 << 20; // bytes, a multiple of every element's

  private SafeTensors() {}

  /**
   * Every tensor of the file by name, in the header's order.
   *
   * @throws ModelFileException saying what is wrong with the file
   */
  public static Map<String, HostTensor> read(Path file) throws ModelFileException {
    try (FileChannel in = open(file)) {
      SafeTensorsHeader header = header(file, in);
      long dataAt = in.position();
      Map<String, HostTensor> tensors = new LinkedHashMap<>();
      ByteBuffer chunk = littleEndian(CHUNK);
      for (Map.Entry<String, SafeTensorsHeader.Entry> e : header.entries().entrySet()) {
        DType dtype = e.getValue().dtype();
        int elements = e.getValue().elements();
        Object data = dtype.newArray(elements);
        in.position(dataAt + e.getValue().begin());
        for (int at = 0, count; at < elements; at += count) {
          count = Math.min(elements - at, CHUNK / dtype.bytes());
          fill(file, in, chunk.clear().limit(count * dtype.bytes()));
          dtype.get(chunk, data, at, count);
        }
        tensors.put(e.getKey(), new HostTensor(dtype, e.getValue().shape(), data));
      }
      return tensors;
    } catch (IOException e) {
      throw explained(file, "cannot be read", e);
    }
  }

  /**
   * The strings written with the tensors, in order; empty when there are none.
   *
   * @throws ModelFileException as {@link #read}, but for what is wrong with the header only
   */
  public static Map<String, String> metadata(Path file) throws ModelFileException {
    try (FileChannel in = open(file)) {
      return header(file, in).metadata();
    } catch (IOException e) {
      throw explained(file, "cannot be read", e);
    }
  }

  /**
   * The tensors' shapes by name, in the header's order.
   *
   * @throws ModelFileException as {@link #read}, but for what is wrong with the header only
   */
  public static Map<String, int[]> shapes(Path file) throws ModelFileException {
    try (FileChannel in = open(file)) {
      Map<String, int[]> shapes = new LinkedHashMap<>();
      header(file, in).entries().forEach((name, entry) -> shapes.put(name, entry.shape()));
      return shapes;
    } catch (IOException e) {
      throw explained(file, "cannot be read", e);
    }
  }

  /**
   * Writes the tensors as a {@link WholeFile}. The header keeps the map's order; the data is laid
   * out widest type first, which aligns every tensor.
   */
  public static void write(Path file, Map<String, HostTensor> tensors, Map<String, String> metadata)
      throws ModelFileException {
    if (tensors.containsKey(SafeTensorsHeader.METADATA)) {
      throw new IllegalArgumentException("a tensor cannot be named " + SafeTensorsHeader.METADATA);
    }
    try {
      WholeFile.write(file, out -> write(out, tensors, metadata));
    } catch (NoSuchFileException e) {
      throw new ModelFileException(
          file,
          "cannot be written, its folder does not exist; create "
              + file.toAbsolutePath().getParent(),
          e);
    } catch (IOException e) {
      throw explained(file, "cannot be written", e);
    }
  }

  private static void write(
      FileChannel out, Map<String, HostTensor> tensors, Map<String, String> metadata)
      throws IOException {
    List<String> layout = new ArrayList<>(tensors.keySet());
    layout.sort(Comparator.comparing(name -> -tensors.get(name).dtype().bytes())); // stable
    Map<String, SafeTensorsHeader.Entry> placed = new HashMap<>();
    long end = 0;
    for (String name : layout) {
      HostTensor tensor = tensors.get(name);
      long begin = end;
      end += (long) tensor.size() * tensor.dtype().bytes();
      placed.put(name, new SafeTensorsHeader.Entry(tensor.dtype(), tensor.shape(), begin, end));
    }
    Map<String, SafeTensorsHeader.Entry> entries = new LinkedHashMap<>();
    tensors.keySet().forEach(name -> entries.put(name, placed.get(name)));
    byte[] header = new SafeTensorsHeader(entries, metadata).toBytes();
    drain(out, littleEndian(8).putLong(0, header.length));
    drain(out, ByteBuffer.wrap(header));
    ByteBuffer chunk = littleEndian(CHUNK);
    for (String name : layout) {
      HostTensor tensor = tensors.get(name);
      DType dtype = tensor.dtype();
      for (int at = 0, count; at < tensor.size(); at += count) {
        count = Math.min(tensor.size() - at, CHUNK / dtype.bytes());
        dtype.put(tensor.data(), at, count, chunk.clear().limit(count * dtype.bytes()));
        drain(out, chunk);
      }
    }
  }

  private static FileChannel open(Path file) throws IOException {
    try {
      return FileChannel.open(file, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw new ModelFileException(file, "no such file; check the path or fetch the weights", e);
    }
  }

  /** Reads the header and leaves the channel where the data begins. */
  private static SafeTensorsHeader header(Path file, FileChannel in) throws IOException {
    if (in.size() < 8) {
      throw new ModelFileException(
          file, in.size() + " bytes are too few for a safetensors file; fetch it again");
    }
    ByteBuffer eight = littleEndian(8);
    fill(file, in, eight);
    long length = eight.getLong(0);
    if (length < 0 || length > in.size() - 8) {
      throw new ModelFileException(
          file,
          "its first 8 bytes say that the header has %s bytes, but the file has only %d more; it is"
                  .formatted(Long.toUnsignedString(length), in.size() - 8)
              + " cut short or not a safetensors file, fetch it again");
    }
    if (length > MAX_HEADER) {
      throw new ModelFileException(
          file, "a header of " + length + " bytes is over the limit of " + MAX_HEADER);
    }
    byte[] json = new byte[(int) length];
    fill(file, in, ByteBuffer.wrap(json));
    return SafeTensorsHeader.parse(file, json, in.size() - 8 - length);
  }

  private static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Reads until the buffer is full, then flips it. */
  private static void fill(Path file, FileChannel in, ByteBuffer to) throws IOException {
    while (to.hasRemaining()) {
      if (in.read(to) < 0) {
        throw new ModelFileException(file, "became shorter while it was read; read it again");
      }
    }
    to.flip();
  }

  private static void drain(FileChannel out, ByteBuffer from) throws IOException {
    while (from.hasRemaining()) {
      out.write(from);
    }
  }

  private static ModelFileException explained(Path file, String what, IOException e) {
    return e instanceof ModelFileException known
        ? known
        : new ModelFileException(
            file, what + ": " + e.getMessage() + "; check the path, rights and free space", e);
  }
}
