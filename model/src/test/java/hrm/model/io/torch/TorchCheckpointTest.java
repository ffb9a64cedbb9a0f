package hrm.model.io.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.io.DType;
import hrm.model.io.HostTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read; what is refused has tests of its own. */
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

  private static Pickle a() {
    return Pickle.protocol(2).op('}').text("a");
  }

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

  @Test
  void open_dictionaryThatHoldsItself_isRead() throws IOException {
    byte[] pickle = Pickle.protocol(2).op('}', 'q', 0).text("model").op('h', 0, 's').stop();
    try (TorchCheckpoint torch = TorchCheckpoint.open(file(pickle))) {
      assertTrue(torch.root().containsKey("model"));
    }
  }
}
