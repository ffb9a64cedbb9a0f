package hrm.model.io.torch;

import hrm.model.io.ModelFileException;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The zip archive of a checkpoint: {@code STEM/data.pkl}, {@code STEM/byteorder} and the storages
 * {@code STEM/data/KEY}. Names are only looked up, never used as paths.
 */
final class TorchArchive implements Closeable {
  static final int MAX_ENTRIES = 65_536;
  static final int MAX_PICKLE = 16 << 20; // bytes

  /**
   * What the archive unpacks to may be so many times its size, and a little: weights hardly shrink.
   */
  static final int MAX_INFLATION = 16;

  private final Path file;
  private final ZipFile zip;
  private final long limit; // bytes
  private final Map<String, ZipEntry> entries = new HashMap<>();
  private final Set<String> verified = new HashSet<>();
  private String stem;

  private TorchArchive(Path file, ZipFile zip, long limit) {
    this.file = file;
    this.zip = zip;
    this.limit = limit;
  }

  /**
   * @throws ModelFileException saying what the file is instead, or what is wrong with it
   */
  static TorchArchive open(Path file) throws IOException {
    FileKind.check(file);
    long limit = MAX_INFLATION * Files.size(file) + (1 << 20);
    ZipFile zip;
    try {
      zip = new ZipFile(file.toFile());
    } catch (IOException | IllegalArgumentException e) {
      throw new ModelFileException(
          file,
          "begins as a zip archive but its directory cannot be read ("
              + e.getMessage()
              + "); it is cut short or damaged, fetch it again",
          e);
    }
    TorchArchive archive = new TorchArchive(file, zip, limit);
    try {
      archive.index();
      return archive;
    } catch (IOException | RuntimeException e) {
      zip.close();
      throw e;
    }
  }

  private void index() throws IOException {
    if (zip.size() > MAX_ENTRIES) {
      throw bad("holds " + zip.size() + " entries, over the limit of " + MAX_ENTRIES);
    }
    long total = 0;
    for (ZipEntry entry : Collections.list(zip.entries())) {
      String name = entry.getName();
      if (entries.put(name, entry) != null) {
        throw bad("holds the entry " + PickleInput.shown(name) + " twice; save it again");
      }
      total += Math.max(0, entry.getSize());
      if (total < 0 || total > limit) {
        throw bad(
            "unpacks to more than %d times its size (limit %d bytes), as weights do not; it is a zip bomb or damaged"
                .formatted(MAX_INFLATION, limit));
      }
      if (name.equals("data.pkl") || name.endsWith("/data.pkl")) {
        if (stem != null) {
          throw bad("holds two pickles, %sdata.pkl and %s".formatted(stem, name));
        }
        stem = name.substring(0, name.length() - "data.pkl".length());
      }
    }
    if (stem == null) {
      throw bad(
          "is a zip archive without data.pkl, so not what torch.save writes; name the checkpoint file itself");
    }
    if (entries.containsKey(stem + "constants.pkl")) {
      throw bad("is a TorchScript program, not a checkpoint; save the model's state_dict instead");
    }
    if (entries.containsKey(stem + "byteorder")) {
      String order = new String(read("byteorder", 64), StandardCharsets.UTF_8).strip();
      if (!order.equals("little")) {
        throw bad(
            "was written with byte order '%s'; save it again on a little-endian machine"
                .formatted(PickleInput.shown(order)));
      }
    }
  }

  byte[] pickle() throws IOException {
    return read("data.pkl", MAX_PICKLE);
  }

  private byte[] read(String name, int most) throws IOException {
    ZipEntry entry = entries.get(stem + name);
    if (entry.getSize() < 0 || entry.getSize() > most) {
      throw bad("%s has %d bytes, over the limit of %d".formatted(name, entry.getSize(), most));
    }
    byte[] bytes = new byte[(int) entry.getSize()];
    try (Entry in = new Entry(name)) {
      in.fill(bytes, bytes.length);
      in.verify();
    }
    return bytes;
  }

  /** Bytes that all tensors together may have. */
  long limit() {
    return limit;
  }

  /** Bytes of a storage's entry, or -1 when there is none. */
  long size(String key) {
    ZipEntry entry = entries.get(stem + "data/" + key);
    return entry == null ? -1 : entry.getSize();
  }

  Entry storage(String key) throws IOException {
    return new Entry("data/" + key);
  }

  /** One entry's bytes in turn, never more than its declared size. */
  final class Entry implements Closeable {
    private final String name;
    private final ZipEntry entry;
    private final InputStream in;
    private final CRC32 crc = new CRC32();
    private long left;

    private Entry(String name) throws IOException {
      this.name = name;
      this.entry = entries.get(stem + name);
      this.left = entry.getSize();
      try {
        this.in = zip.getInputStream(entry);
      } catch (IOException e) {
        throw damaged(e);
      }
      if (in == null) {
        throw bad("the entry " + name + " cannot be opened; fetch the file again");
      }
    }

    void fill(byte[] to, int count) throws IOException {
      int n;
      try {
        n = count > left ? -1 : in.readNBytes(to, 0, count);
      } catch (IOException e) {
        throw damaged(e);
      }
      if (n < count) {
        throw bad("the entry %s ends early; it is cut short, fetch it again".formatted(name));
      }
      left -= n;
      crc.update(to, 0, n);
    }

    void skip(long count) throws IOException {
      byte[] chunk = new byte[(int) Math.min(count, 1 << 16)];
      for (long at = 0; at < count; at += chunk.length) {
        fill(chunk, (int) Math.min(chunk.length, count - at));
      }
    }

    /** Reads to the end and compares the checksum; once per entry. */
    void verify() throws IOException {
      if (!verified.add(name)) {
        return;
      }
      skip(left);
      boolean longer;
      try {
        longer = in.read() >= 0;
      } catch (IOException e) {
        throw damaged(e);
      }
      if (longer) {
        throw bad(
            "the entry %s unpacks to more than the %d bytes it declares; it is a zip bomb or damaged"
                .formatted(name, entry.getSize()));
      }
      if (crc.getValue() != entry.getCrc()) {
        throw bad(
            "the entry %s is damaged, its CRC-32 differs; fetch the file again".formatted(name));
      }
    }

    private ModelFileException damaged(IOException e) {
      return new ModelFileException(
          file,
          "the entry %s cannot be unpacked (%s); it is cut short or damaged, fetch the file again"
              .formatted(name, e.getMessage()),
          e);
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }

  private ModelFileException bad(String what) {
    return new ModelFileException(file, what);
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
