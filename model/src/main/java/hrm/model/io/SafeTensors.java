package hrm.model.io;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The safetensors format: 8 bytes little-endian header length, a JSON header of dtype, shape and
 * data_offsets by name, then the data.
 */
public final class SafeTensors {
  private static final long MAX_HEADER = 100_000_000; // as the reference implementation limits it

  private SafeTensors() {}

  static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Every tensor of a file, in the order of its header.
   *
   * @throws ModelFileException when the file is missing, truncated or contradicts itself
   */
  public static Map<String, HostTensor> read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      if (size < 8) {
        throw bad(file, "it has %d bytes, too few for a header".formatted(size));
      }
      long length = fill(channel, buffer(8), 0).getLong(0);
      if (length < 2 || length > MAX_HEADER || length > size - 8) {
        throw bad(
            file,
            "its header claims %d bytes of a file of %d; it is truncated or no safetensors file"
                .formatted(length, size));
      }
      byte[] json = fill(channel, buffer((int) length), 8).array();
      Map<String, HostTensor> tensors = new LinkedHashMap<>();
      List<long[]> used = new ArrayList<>();
      for (Map.Entry<String, JsonElement> entry : header(file, json).entrySet()) {
        if (!entry.getKey().equals("__metadata__")) {
          tensors.put(
              entry.getKey(),
              tensor(file, channel, entry.getKey(), entry.getValue(), length, used));
        }
      }
      used.sort((a, b) -> Long.compare(a[0], b[0]));
      for (int i = 1; i < used.size(); i++) {
        if (used.get(i)[0] < used.get(i - 1)[1]) {
          throw bad(file, "two of its tensors overlap at byte %d".formatted(used.get(i)[0]));
        }
      }
      return tensors;
    } catch (NoSuchFileException e) {
      throw new ModelFileException("%s does not exist".formatted(file), e);
    }
  }

  private static JsonObject header(Path file, byte[] json) throws ModelFileException {
    try {
      return JsonParser.parseString(new String(json, StandardCharsets.UTF_8)).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException e) {
      throw bad(file, "its header is not JSON");
    }
  }

  private static HostTensor tensor(
      Path file,
      FileChannel channel,
      String name,
      JsonElement element,
      long header,
      List<long[]> used)
      throws IOException {
    HostTensor.DType dtype;
    int[] shape;
    long from;
    long to;
    try {
      JsonObject entry = element.getAsJsonObject();
      dtype = HostTensor.DType.valueOf(entry.get("dtype").getAsString());
      JsonArray axes = entry.getAsJsonArray("shape");
      shape = new int[axes.size()];
      for (int i = 0; i < shape.length; i++) {
        shape[i] = axes.get(i).getAsInt();
      }
      from = entry.getAsJsonArray("data_offsets").get(0).getAsLong();
      to = entry.getAsJsonArray("data_offsets").get(1).getAsLong();
    } catch (RuntimeException e) {
      throw bad(
          file,
          "tensor %s is described as %s; dtype must be one of %s, with shape and data_offsets"
              .formatted(name, element, List.of(HostTensor.DType.values())));
    }
    long bytes = dtype.bytes;
    for (int axis : shape) {
      bytes = axis < 0 ? -1 : Math.multiplyExact(bytes, (long) axis);
    }
    if (from < 0 || to - from != bytes) {
      throw bad(
          file,
          "tensor %s has data_offsets [%d, %d], but its shape %s in %s takes %d bytes"
              .formatted(name, from, to, java.util.Arrays.toString(shape), dtype, bytes));
    }
    if (8 + header + to > channel.size()) {
      throw bad(
          file,
          "tensor %s ends at byte %d of a file of %d bytes; the file is truncated"
              .formatted(name, 8 + header + to, channel.size()));
    }
    if (bytes > Integer.MAX_VALUE) {
      throw bad(file, "tensor %s has %d bytes; 2 GiB is the limit".formatted(name, bytes));
    }
    used.add(new long[] {from, to});
    return new HostTensor(dtype, shape, fill(channel, buffer((int) bytes), 8 + header + from));
  }

  private static ByteBuffer fill(FileChannel channel, ByteBuffer buffer, long at)
      throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, at + buffer.position()) < 0) {
        throw new IOException("the file became shorter while it was read");
      }
    }
    return buffer.flip();
  }

  private static ModelFileException bad(Path file, String why) {
    return new ModelFileException(
        "%s cannot be read: %s; fetch or write it again".formatted(file, why));
  }

  /** Writes a file as a whole or not at all. */
  public static void write(Path file, Map<String, HostTensor> tensors, Map<String, String> metadata)
      throws IOException {
    JsonObject header = new JsonObject();
    if (!metadata.isEmpty()) {
      JsonObject entries = new JsonObject();
      metadata.forEach(entries::addProperty);
      header.add("__metadata__", entries);
    }
    long at = 0;
    for (Map.Entry<String, HostTensor> entry : tensors.entrySet()) {
      HostTensor tensor = entry.getValue();
      JsonObject description = new JsonObject();
      description.addProperty("dtype", tensor.dtype().name());
      JsonArray shape = new JsonArray();
      for (int axis : tensor.shape()) {
        shape.add(axis);
      }
      description.add("shape", shape);
      JsonArray offsets = new JsonArray();
      offsets.add(at);
      at += tensor.data().limit();
      offsets.add(at);
      description.add("data_offsets", offsets);
      header.add(entry.getKey(), description);
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    int padded = (json.length + 7) / 8 * 8;
    ByteBuffer start = buffer(8 + padded).putLong(padded).put(json);
    while (start.hasRemaining()) {
      start.put((byte) ' ');
    }
    Path directory = file.toAbsolutePath().getParent();
    Files.createDirectories(directory);
    Path temporary = Files.createTempFile(directory, file.getFileName().toString(), ".tmp");
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        write(channel, start.flip());
        for (HostTensor tensor : tensors.values()) {
          write(channel, tensor.data().duplicate().rewind());
        }
        channel.force(true);
      }
      Files.move(
          temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private static void write(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }
}
