package hrm.model.io.torch;

import static hrm.model.io.torch.Refusals.refuses;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Pickles that ask for more than tensors, are broken, or whose tensors are not what they say. */
class TorchPickleRefusalTest {
  @TempDir Path folder;
  private final TorchFiles files = new TorchFiles();

  private Path file(byte[] pickle) {
    return files.write(folder.resolve("step_1"), pickle);
  }

  private static Pickle a() {
    return Pickle.protocol(2).op('}').text("a");
  }

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
}
