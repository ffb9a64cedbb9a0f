package hrm.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import hrm.model.io.ModelFileException;
import hrm.model.published.ImportOptions;
import hrm.model.published.PublishedModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Damaged checkpoints import or are refused; they never end otherwise, nor take much memory. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class ImportFuzzTest {
  private static final long MAX_ALLOCATED = 64 << 20; // bytes, for a file of 1 MB
  private static final ImportOptions OPTIONS =
      new ImportOptions(
          false,
          Map.of(
              "H_cycles",
              2,
              "L_cycles",
              2,
              "num_heads",
              2,
              "pos_encodings",
              "rope",
              "seq_len",
              16));
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @TempDir Path folder;
  private int imported;
  private int refused;

  private void attempt(Path file, String what) throws IOException {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      PublishedModel.read(file, null, OPTIONS);
      imported++;
    } catch (ModelFileException e) {
      assertEquals(1, e.getMessage().lines().count(), what + ": " + e.getMessage());
      refused++;
    } catch (RuntimeException | IOException | Error e) {
      throw new AssertionError(what + " ended in " + e, e);
    }
    long allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
    assertTrue(allocated < MAX_ALLOCATED, what + " allocated " + allocated);
  }

  private static byte[] tiny() throws IOException {
    try (InputStream in =
        ImportFuzzTest.class.getResourceAsStream("/fixtures/tiny_checkpoint_step_0.pt")) {
      return in.readAllBytes();
    }
  }

  @Test
  void read_fileWithAnyByteChanged_importsOrIsRefused() throws IOException {
    byte[] whole = tiny();
    SplittableRandom random = new SplittableRandom(20);
    Path file = folder.resolve("step_0");
    for (int i = 0; i < 600; i++) {
      byte[] bytes = whole.clone();
      // Mostly where structure is: the pickle in front, the directory at the end.
      int place =
          switch (i % 3) {
            case 0 -> random.nextInt(4_000);
            case 1 -> bytes.length - 1 - random.nextInt(2_500);
            default -> random.nextInt(bytes.length);
          };
      bytes[place] ^= (byte) (1 << random.nextInt(8));
      attempt(Files.write(file, bytes), "file, change " + i + " at " + place);
    }
    assertTrue(refused > 300, refused + " refused, " + imported + " imported");
  }

  /** The pickle changed and its checksum put right, so that it does not save the reader. */
  @Test
  void read_pickleWithSomeBytesChanged_importsOrIsRefused() throws IOException {
    byte[] whole = tiny();
    Path file = Files.write(folder.resolve("step_0"), whole);
    byte[] pickle = pickle(file);
    int at = find(whole, pickle, 0);
    int sum = find(whole, checksum(pickle), at + pickle.length + 10_000); // in the directory
    SplittableRandom random = new SplittableRandom(21);
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      for (int i = 0; i < 4_000; i++) {
        byte[] bytes = pickle.clone();
        StringBuilder what = new StringBuilder("pickle, change " + i + " at");
        for (int n = random.nextInt(1, 4); n > 0; n--) {
          int place = random.nextInt(bytes.length);
          bytes[place] = (byte) (i % 2 == 0 ? random.nextInt(256) : bytes[place] + 1);
          what.append(" ").append(place);
        }
        out.seek(at);
        out.write(bytes);
        out.seek(sum);
        out.write(checksum(bytes));
        attempt(file, what.toString());
      }
    }
    assertTrue(imported > 50, imported + " imported"); // changes that do not matter
    assertTrue(refused > 2_000, refused + " refused");
  }

  private static byte[] pickle(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      return zip.getInputStream(zip.getEntry("tiny_checkpoint_step_0/data.pkl")).readAllBytes();
    }
  }

  private static byte[] checksum(byte[] bytes) {
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return ByteBuffer.allocate(4)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt((int) crc.getValue())
        .array();
  }

  private static int find(byte[] in, byte[] what, int from) {
    int at = from;
    while (!Arrays.equals(in, at, at + what.length, what, 0, what.length)) {
      at++;
    }
    return at;
  }
}
