package hrm.model.io.torch;

import static hrm.model.io.torch.Refusals.refuses;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are no checkpoint, or a damaged, huge or foreign one. */
class TorchArchiveRefusalTest {
  @TempDir Path folder;
  private final TorchFiles files = new TorchFiles();

  private Path tiny(String name, int length) throws IOException {
    byte[] bytes = tiny();
    return Files.write(folder.resolve(name), Arrays.copyOf(bytes, length));
  }

  static byte[] tiny() throws IOException {
    try (var in = TorchFiles.class.getResourceAsStream("/fixtures/tiny_checkpoint_step_0.pt")) {
      return in.readAllBytes();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {30, 4_000, 500_000, 1_061_221})
  void open_truncated_saysSo(int length) throws IOException {
    refuses("cut short or damaged, fetch it again", tiny("cut", length));
  }

  @Test
  void load_damagedStorage_isNamed() throws IOException {
    byte[] bytes = tiny();
    bytes[600_000] ^= 1;
    refuses("CRC-32 differs", Files.write(folder.resolve("damaged"), bytes));
  }

  @Test
  void open_zipBomb_isRefusedBeforeItIsUnpacked() {
    files.store(new byte[64 << 20]);
    byte[] pickle = Pickle.protocol(2).op('}').stop();
    refuses(
        "unpacks to more than 16 times",
        files.write(folder.resolve("bomb"), pickle, "little", ZipEntry.DEFLATED));
  }

  @Test
  void open_zipBombThatHidesItsSize_isRefused() throws IOException {
    String key = files.store(new float[1 << 22]);
    long[] one = {1};
    byte[] pickle =
        Pickle.protocol(2)
            .op('}')
            .text("a")
            .tensor("FloatStorage", key, 1, 0, one, one)
            .op('s')
            .stop();
    Path file = files.write(folder.resolve("bomb"), pickle, "little", ZipEntry.DEFLATED);
    byte[] bytes = Files.readAllBytes(file);
    for (int i = 0; i + 46 < bytes.length; i++) { // the central directory's size of data/0
      boolean header = bytes[i] == 'P' && bytes[i + 1] == 'K' && bytes[i + 2] == 1;
      if (header
          && new String(bytes, i + 46, 11, StandardCharsets.US_ASCII).equals("step/data/0")) {
        bytes[i + 24] = 64;
        bytes[i + 25] = bytes[i + 26] = bytes[i + 27] = 0;
      }
    }
    refuses("more than the 64 bytes it declares", Files.write(file, bytes));
  }

  @Test
  void open_largePickle_isRefused() {
    Map<String, byte[]> entries = Map.of("a/data.pkl", new byte[TorchArchive.MAX_PICKLE + 1]);
    refuses("over the limit", TorchFiles.zip(folder.resolve("x"), entries, ZipEntry.STORED));
  }

  @Test
  void open_manyEntries_isRefused() {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    for (int i = 0; i <= TorchArchive.MAX_ENTRIES; i++) {
      entries.put("a/" + i, new byte[0]);
    }
    refuses(
        "entries, over the limit", TorchFiles.zip(folder.resolve("x"), entries, ZipEntry.STORED));
  }

  @Test
  void open_otherByteOrder_isRefused() {
    byte[] pickle = Pickle.protocol(2).op('}').stop();
    refuses("byte order 'big'", files.write(folder.resolve("big"), pickle, "big", ZipEntry.STORED));
  }

  static Stream<Arguments> otherFiles() {
    byte[] tar = new byte[512];
    System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
    return Stream.of(
        Arguments.of("is empty", new byte[0]),
        Arguments.of("tar archive", tar),
        Arguments.of(
            "old format",
            Pickle.protocol(2)
                .op(0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19)
                .stop()),
        Arguments.of("bare pickle", Pickle.protocol(4).op('}').stop()),
        Arguments.of("gzip", new byte[] {0x1f, (byte) 0x8b, 8}),
        Arguments.of(
            "Git LFS pointer",
            "version https://git-lfs.github.com/spec/v1\n".getBytes(StandardCharsets.US_ASCII)),
        Arguments.of("safetensors file", "\2\0\0\0\0\0\0\0{}".getBytes(StandardCharsets.US_ASCII)),
        Arguments.of("not a PyTorch checkpoint", "hello".getBytes(StandardCharsets.US_ASCII)));
  }

  @ParameterizedTest
  @MethodSource("otherFiles")
  void open_otherFile_saysWhatItIs(String what, byte[] bytes) throws IOException {
    refuses(what, Files.write(folder.resolve("other"), bytes));
  }

  @Test
  void open_otherArchives_areRefused() {
    byte[] none = {};
    refuses(
        "without data.pkl",
        TorchFiles.zip(folder.resolve("z"), Map.of("a.txt", none), ZipEntry.STORED));
    refuses(
        "two pickles",
        TorchFiles.zip(
            folder.resolve("z"), Map.of("a/data.pkl", none, "b/data.pkl", none), ZipEntry.STORED));
    refuses(
        "TorchScript",
        TorchFiles.zip(
            folder.resolve("z"),
            Map.of("a/data.pkl", none, "a/constants.pkl", none),
            ZipEntry.STORED));
    refuses("is a folder", folder);
    refuses("no such file", folder.resolve("nothing"));
  }
}
