package hrm.model.io.torch;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Checkpoints as torch.save lays them out. */
public final class TorchFiles {
  private final Map<String, byte[]> storages = new LinkedHashMap<>();

  /** Keeps the values as a float32 storage and returns its key. */
  public String store(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return store(bytes.array());
  }

  public String store(byte[] bytes) {
    String key = Integer.toString(storages.size());
    storages.put(key, bytes);
    return key;
  }

  /** Appends key and tensor to a dictionary's marked items. */
  public void put(Pickle pickle, String name, float[] values, int... shape) {
    long[] extents = new long[shape.length];
    long[] strides = new long[shape.length];
    long stride = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      extents[i] = shape[i];
      strides[i] = stride;
      stride *= shape[i];
    }
    String key = store(values);
    pickle.text(name).tensor("FloatStorage", key, values.length, 0, extents, strides);
  }

  public Path write(Path file, byte[] pickle) {
    return write(file, pickle, "little", ZipEntry.STORED);
  }

  public Path write(Path file, byte[] pickle, String byteOrder, int method) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("step/data.pkl", pickle);
    entries.put("step/byteorder", byteOrder.getBytes(StandardCharsets.US_ASCII));
    storages.forEach((key, bytes) -> entries.put("step/data/" + key, bytes));
    entries.put("step/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    return zip(file, entries, method);
  }

  public static Path zip(Path file, Map<String, byte[]> entries, int method) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> e : entries.entrySet()) {
        CRC32 crc = new CRC32();
        crc.update(e.getValue());
        ZipEntry entry = new ZipEntry(e.getKey());
        entry.setMethod(method);
        entry.setSize(e.getValue().length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(e.getValue());
        zip.closeEntry();
      }
      zip.finish();
      return Files.write(file, bytes.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
