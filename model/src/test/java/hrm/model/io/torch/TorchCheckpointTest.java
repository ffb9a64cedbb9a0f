package hrm.model.io.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.io.DType;
import hrm.model.io.HostTensor;
import hrm.model.io.ModelFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class TorchCheckpointTest {
  @TempDir Path folder;
  private final TorchFiles files = new TorchFiles();

  private Path file(byte[] pickle) {
    return files.write(folder.resolve("step_1"), pickle);
  }

  private HostTensor tensor(byte[] pickle) throws IOException {
    try (TorchCheckpoint torch = TorchCheckpoint.open(file(pickle))) {
      return torch.load((TorchTensor) torch.root().get("a"));
    }
  }

  /** One clear sentence that names the file and says what is wrong. */
  private static void refuses(String what, Path file) {
    String message =
        assertThrows(
                ModelFileException.class,
                () -> {
                  try (TorchCheckpoint torch = TorchCheckpoint.open(file)) {
                    for (Object value : torch.root().values()) {
                      if (value instanceof TorchTensor tensor) {
                        torch.load(tensor);
                      }
                    }
                  }
                })
            .getMessage();
    assertTrue(message.startsWith(file + ": "), message);
    assertTrue(message.contains(what), message);
    assertEquals(1, message.lines().count(), message);
  }

  private static Pickle a() {
    return Pickle.protocol(2).op('}').text("a");
  }

  // ---- what is read

  @Test
  void open_everyKindOfValue_isBuilt() throws IOException {
    byte[] pickle =
        Pickle.protocol(4)
            .op(0x95, 9, 0, 0, 0, 0, 0, 0, 0) // FRAME
            .ops("}(")
            .text("none")
            .op('N')
            .text("yes")
            .op(0x88)
            .text("int")
            .op('J', 0xfe, 0xff, 0xff, 0xff)
            .text("long")
            .op(0x8a, 1, 0x80)
            .text("float")
            .op('G', 0x3f, 0xe0, 0, 0, 0, 0, 0, 0)
            .text("list")
            .ops("](K\1K\2e")
            .text("tuple")
            .ops("K\1K\2")
            .op(0x86)
            .text("again")
            .op(0x94) // MEMOIZE
            .ops("h")
            .op(0)
            .op(0x8c, 2)
            .ops("me")
            .op(0x8c, 11)
            .ops("collections")
            .op(0x8c, 11)
            .ops("OrderedDict")
            .op(0x93) // STACK_GLOBAL
            .ops(")Ru")
            .stop();
    try (TorchCheckpoint torch = TorchCheckpoint.open(file(pickle))) {
      Map<?, ?> root = torch.root();
      assertEquals(-2L, root.get("int"));
      assertEquals(-128L, root.get("long"));
      assertEquals(0.5, root.get("float"));
      assertEquals(true, root.get("yes"));
      assertTrue(root.containsKey("none") && root.get("none") == null);
      assertEquals(List.of(1L, 2L), root.get("list"));
      assertArrayEquals(new Object[] {1L, 2L}, (Object[]) root.get("tuple"));
      assertEquals("again", root.get("again"));
      assertEquals(Map.of(), root.get("me"));
    }
  }

  @Test
  void load_viewsOfOneStorage_followOffsetAndStrides() throws IOException {
    String key = files.store(0, 1, 2, 3, 4, 5, 6, 7);
    long[] shape = {3, 2};
    HostTensor transposed =
        tensor(a().tensor("FloatStorage", key, 8, 1, shape, new long[] {1, 3}).op('s').stop());
    assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, transposed.floats());
    HostTensor rows =
        tensor(a().tensor("FloatStorage", key, 8, 2, shape, new long[] {2, 1}).op('s').stop());
    assertArrayEquals(new float[] {2, 3, 4, 5, 6, 7}, rows.floats());
    HostTensor repeated =
        tensor(a().tensor("FloatStorage", key, 8, 7, shape, new long[] {0, 0}).op('s').stop());
    assertArrayEquals(new float[] {7, 7, 7, 7, 7, 7}, repeated.floats());
    assertEquals(
        0,
        tensor(
                a().tensor("FloatStorage", key, 8, 0, new long[] {0, 9}, new long[] {9, 1})
                    .op('s')
                    .stop())
            .size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"BFloat16Storage", "HalfStorage", "DoubleStorage", "IntStorage"})
  void load_everyType_hasItsValues(String type) throws IOException {
    byte[] bytes =
        switch (type) {
          case "BFloat16Storage" -> new byte[] {(byte) 0xc0, (byte) 0xbf};
          case "HalfStorage" -> new byte[] {0, (byte) 0xbe};
          case "DoubleStorage" -> new byte[] {0, 0, 0, 0, 0, 0, (byte) 0xf8, (byte) 0xbf};
          default -> new byte[] {(byte) 0xfe, -1, -1, -1};
        };
    HostTensor tensor =
        tensor(a().tensor(type, files.store(bytes), 1, 0, new long[0], new long[0]).op('s').stop());
    if (tensor.dtype() == DType.I32) {
      assertArrayEquals(new int[] {-2}, tensor.ints());
    } else {
      assertArrayEquals(new float[] {-1.5f}, tensor.floats());
    }
  }

  @Test
  void load_parameterInADeflatedEntry_isRead() throws IOException {
    String key = files.store(new float[5000]);
    byte[] pickle =
        a().global("torch._utils", "_rebuild_parameter")
            .op('(')
            .tensor("FloatStorage", key, 5000, 0, new long[] {5000}, new long[] {1})
            .op(0x88)
            .orderedDict()
            .ops("tRs")
            .stop();
    Path file = files.write(folder.resolve("small"), pickle, "little", ZipEntry.DEFLATED);
    try (TorchCheckpoint torch = TorchCheckpoint.open(file)) {
      assertEquals(5000, torch.load((TorchTensor) torch.root().get("a")).size());
    }
  }

  // ---- pickles that ask for more

  static Stream<Arguments> forbidden() {
    Pickle run = Pickle.protocol(2).global("posix", "system").op(40).text("id").ops("tR");
    return Stream.of(
        Arguments.of("posix.system", run),
        Arguments.of("nt.system", Pickle.protocol(3).global("nt", "system")),
        Arguments.of("builtins.eval", a().global("builtins", "eval").op('(').text("1").ops("tRs")),
        Arguments.of("posix.system", Pickle.protocol(4).text("posix").text("system").op(0x93)),
        Arguments.of("posix.system", Pickle.protocol(2).op('(').text("id").ops("iposix\nsystem\n")),
        Arguments.of("posix.system", Pickle.protocol(2).op('(').global("posix", "system").op('o')),
        Arguments.of(
            "posix.system", Pickle.protocol(2).global("posix", "system").ops(")").op(0x81)),
        Arguments.of("torch.load", a().global("torch", "load")),
        Arguments.of(
            "torch._utils._rebuild_tensor_v3", a().global("torch._utils", "_rebuild_tensor_v3")),
        Arguments.of(
            "collections.OrderedDict.fromkeys", a().global("collections", "OrderedDict.fromkeys")),
        Arguments.of("a?b.c", a().global("a\033b", "c")),
        Arguments.of(
            "NEWOBJ, which",
            Pickle.protocol(2).global("collections", "OrderedDict").ops(")").op(0x81)),
        Arguments.of(
            "NEWOBJ_EX",
            Pickle.protocol(4).global("collections", "OrderedDict").ops(")}").op(0x92)),
        Arguments.of(
            "OBJ, which", Pickle.protocol(2).op('(').global("collections", "OrderedDict").op('o')),
        Arguments.of("EXT", Pickle.protocol(2).op(0x82, 1)),
        Arguments.of("PERSID", Pickle.protocol(2).ops("Pposix.system\n")),
        Arguments.of("for bytes", Pickle.protocol(3).op('C', 1, 0)),
        Arguments.of("of protocol 0", Pickle.protocol(2).ops("I1\n")),
        Arguments.of("unknown to pickle", Pickle.protocol(2).op(0xff)),
        Arguments.of("BUILD", a().op(']').ops("}b")),
        Arguments.of("BUILD", a().orderedDict().text("state").ops("b")),
        Arguments.of("not a function", a().text("f").ops(")R")),
        Arguments.of(
            "ORDERED_DICT with arguments",
            a().global("collections", "OrderedDict").op(']', 0x85, 'R')),
        Arguments.of("not a storage of torch", a().text("posix.system").op('Q')),
        Arguments.of(
            "not a storage of torch",
            a().op('(').text("storage").op(')').text("0").text("cpu").whole(1).ops("tQ")),
        Arguments.of("not a storage of torch", a().op('(').text("module").ops("tQ")));
  }

  @ParameterizedTest
  @MethodSource("forbidden")
  void open_pickleThatAsksForMore_isRefusedByName(String what, Pickle pickle) {
    refuses(what, file(pickle.stop()));
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of("protocol 1", Pickle.protocol(1).op('}')),
        Arguments.of("protocol 6", Pickle.protocol(6).op('}')),
        Arguments.of("no dictionary", Pickle.protocol(2).op(']')),
        Arguments.of("ends inside an opcode", Pickle.protocol(2).op('X', 0xff, 0xff, 0, 0)),
        Arguments.of(
            "a string of 4294967295 bytes", Pickle.protocol(2).op('X', 255, 255, 255, 255)),
        Arguments.of(
            "a string of 18446744073709551615 bytes",
            Pickle.protocol(4).op(0x8d, 255, 255, 255, 255, 255, 255, 255, 255)),
        Arguments.of("a whole number of 255 bytes", Pickle.protocol(2).op(0x8a, 255)),
        Arguments.of(
            "a whole number of 4294967295 bytes", Pickle.protocol(2).op(0x8b, 255, 255, 255, 255)),
        Arguments.of("a line without an end", Pickle.protocol(2).op('c').times(10_000, "x")),
        Arguments.of("than it put there", Pickle.protocol(2).op('u')),
        Arguments.of("than it put there", Pickle.protocol(2).ops("}(a")),
        Arguments.of("than it put there", Pickle.protocol(2).op(0x87)),
        Arguments.of("half a pair", Pickle.protocol(2).ops("}(Nu")),
        Arguments.of("neither a string nor", Pickle.protocol(2).ops("})Ns")),
        Arguments.of("other than a list", Pickle.protocol(2).ops("}Na")),
        Arguments.of("recalls object 7", Pickle.protocol(2).op('h', 7)),
        Arguments.of("recalls object 4294967295", Pickle.protocol(2).op('j', 255, 255, 255, 255)),
        Arguments.of("nests or remembers", Pickle.protocol(2).times(200_000, "]")),
        Arguments.of("nests or remembers", Pickle.protocol(2).times(2_000, "(")),
        Arguments.of("more than 2000000 opcodes", Pickle.protocol(2).times(1_000_001, "N0")),
        Arguments.of("no dictionary", Pickle.protocol(2).ops(")").op(deep(900_000, 0x85))));
  }

  private static int[] deep(int count, int opcode) {
    int[] opcodes = new int[count];
    Arrays.fill(opcodes, opcode);
    return opcodes;
  }

  @ParameterizedTest
  @MethodSource("broken")
  void open_brokenPickle_saysWhere(String what, Pickle pickle) {
    refuses(what, file(pickle.stop()));
  }

  @Test
  void open_dictionaryThatHoldsItself_isRead() throws IOException {
    byte[] pickle = Pickle.protocol(2).op('}', 'q', 0).text("model").op('h', 0, 's').stop();
    try (TorchCheckpoint torch = TorchCheckpoint.open(file(pickle))) {
      assertTrue(torch.root().containsKey("model"));
    }
  }

  // ---- tensors that are not what they say

  static Stream<Arguments> badTensors() {
    return Stream.of(
        Arguments.of("reaches element 8", 8, 0, new long[] {3, 3}, new long[] {3, 1}),
        Arguments.of("reaches element 8", 8, 1, new long[] {8}, new long[] {1}),
        Arguments.of("too few for the 9 elements of F32", 9, 0, new long[] {2}, new long[] {1}),
        Arguments.of("too few for the -1", -1, 0, new long[] {2}, new long[] {1}),
        Arguments.of("too few for the", Long.MAX_VALUE, 0, new long[] {2}, new long[] {1}),
        Arguments.of("whole numbers from 0", 8, 0, new long[] {-2}, new long[] {1}),
        Arguments.of("whole numbers from 0", 8, 0, new long[] {2}, new long[] {-1}),
        Arguments.of("whole numbers from 0", 8, 0, new long[9], new long[9]),
        Arguments.of("bad shape, strides or offset", 8, -1, new long[] {2}, new long[] {1}),
        Arguments.of("bad shape, strides or offset", 8, 0, new long[] {2}, new long[] {1, 1}),
        Arguments.of("larger than any", 8, Long.MAX_VALUE, new long[] {2}, new long[] {1}),
        Arguments.of("larger than any", 8, 0, new long[] {3}, new long[] {Long.MAX_VALUE}),
        Arguments.of("larger than any", 8, 0, new long[] {1L << 40}, new long[] {0}),
        Arguments.of("larger than any", 8, 0, new long[] {1 << 30, 1 << 30}, new long[] {0, 0}),
        Arguments.of("times the file's bytes", 8, 0, new long[] {1 << 30}, new long[] {0}));
  }

  @ParameterizedTest
  @MethodSource("badTensors")
  void open_tensorBeyondItsStorage_isRefused(
      String what, long elements, long offset, long[] shape, long[] strides) {
    String key = files.store(0, 1, 2, 3, 4, 5, 6, 7);
    refuses(
        what,
        file(a().tensor("FloatStorage", key, elements, offset, shape, strides).op('s').stop()));
  }

  @Test
  void open_unknownType_isNamed() {
    String key = files.store(1);
    long[] one = {1};
    refuses(
        "torch.ComplexFloatStorage",
        file(a().tensor("ComplexFloatStorage", key, 1, 0, one, one).op('s').stop()));
  }

  @Test
  void open_missingStorage_isNamed() {
    long[] one = {1};
    refuses(
        "no entry data/../../etc/passwd",
        file(a().tensor("FloatStorage", "../../etc/passwd", 1, 0, one, one).op('s').stop()));
  }

  // ---- archives

  private Path tiny(String name, int length) throws IOException {
    byte[] bytes = TorchCheckpointTest.tiny();
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
    byte[] pickle = a().tensor("FloatStorage", key, 1, 0, one, one).op('s').stop();
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
