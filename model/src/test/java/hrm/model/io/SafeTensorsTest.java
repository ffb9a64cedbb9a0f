package hrm.model.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsTest {
  @TempDir Path folder;

  @Test
  void read_fileOfTheOfficialLibrary_givesItsTensors() throws Exception {
    Map<String, HostTensor> tensors = SafeTensors.read(fixture());
    assertEquals(23, tensors.size());
    HostTensor hInit = tensors.get("_orig_mod.model.inner.H_init");
    assertEquals(DType.F32, hInit.dtype());
    assertArrayEquals(new int[] {64}, hInit.shape());
    assertEquals(1.09375f, hInit.floats()[0]);
    assertEquals(-1.328125f, hInit.floats()[63]);
    assertEquals("pt", SafeTensors.metadata(fixture()).get("format"));
  }

  @Test
  void write_whatWasRead_readsTheSame() throws Exception {
    Map<String, HostTensor> tensors = SafeTensors.read(fixture());
    Map<String, String> metadata = SafeTensors.metadata(fixture());
    Path copy = folder.resolve("copy.safetensors");
    SafeTensors.write(copy, tensors, metadata);
    assertEquals(metadata, SafeTensors.metadata(copy));
    Map<String, HostTensor> again = SafeTensors.read(copy);
    assertEquals(List.copyOf(tensors.keySet()), List.copyOf(again.keySet()));
    tensors.forEach((name, tensor) -> assertSame(tensor, again.get(name)));
  }

  @Test
  void write_everyType_readsTheSame() throws IOException {
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    tensors.put("bytes", new HostTensor(DType.U8, new int[] {3}, new byte[] {0, -1, 7}));
    tensors.put("flags", new HostTensor(DType.BOOL, new int[] {1, 1}, new byte[] {1}));
    tensors.put("f32", HostTensor.of(new float[] {1.1f, -0f, Float.NaN}, 3, 1));
    tensors.put("f64", new HostTensor(DType.F64, new int[] {2}, new double[] {0.1, 1e300}));
    tensors.put("bf16", new HostTensor(DType.BF16, new int[] {2}, new float[] {1.5f, -2f}));
    tensors.put("f16", new HostTensor(DType.F16, new int[] {2}, new float[] {0.25f, 65504f}));
    tensors.put("i32", HostTensor.of(new int[] {Integer.MIN_VALUE, 5}, 2));
    tensors.put("i64", new HostTensor(DType.I64, new int[] {2}, new long[] {-1, Long.MAX_VALUE}));
    tensors.put("scalar", HostTensor.of(new float[] {3}));
    tensors.put("nothing \"\n\u00e9", HostTensor.of(new float[0], 0, 5));
    Path file = folder.resolve("all.safetensors");
    SafeTensors.write(file, tensors, Map.of("k", "v \"quoted\""));
    SafeTensors.write(file, tensors, Map.of("k", "v \"quoted\"")); // replaces
    Map<String, HostTensor> again = SafeTensors.read(file);
    assertEquals(List.copyOf(tensors.keySet()), List.copyOf(again.keySet()));
    tensors.forEach((name, tensor) -> assertSame(tensor, again.get(name)));
    assertEquals(Map.of("k", "v \"quoted\""), SafeTensors.metadata(file));
    assertEquals(0, headerLength(file) % 8);
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(file), left.toList(), "no temporary file is left");
    }
  }

  @Test
  void write_tensorLargerThanAChunk_readsTheSame() throws IOException {
    float[] values = new float[(1 << 18) * 2 + 3];
    float[] halves = new float[(1 << 19) + 1];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
      halves[i % halves.length] = i % 256;
    }
    Path file = folder.resolve("large.safetensors");
    Map<String, HostTensor> tensors = new LinkedHashMap<>();
    tensors.put("h", new HostTensor(DType.BF16, new int[] {halves.length}, halves));
    tensors.put("v", HostTensor.of(values, values.length));
    SafeTensors.write(file, tensors, Map.of());
    Map<String, HostTensor> again = SafeTensors.read(file);
    tensors.forEach((name, tensor) -> assertSame(tensor, again.get(name)));
    assertEquals(Map.of(), SafeTensors.metadata(file));
  }

  @Test
  void write_afterOneThatWasKilled_takesItsPart() throws IOException {
    Path file = folder.resolve("model.safetensors");
    Path part = folder.resolve(".model.safetensors.part");
    Files.write(part, new byte[4096]);
    HostTensor tensor = HostTensor.of(new float[] {1, 2}, 2);
    SafeTensors.write(file, Map.of("a", tensor), Map.of());
    assertSame(tensor, SafeTensors.read(file).get("a"));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(file), left.toList());
    }
  }

  @Test
  void write_whileAnotherWrites_isRefused() throws IOException {
    Path file = folder.resolve("model.safetensors");
    WholeFile.write(
        file,
        out -> {
          ModelFileException e =
              assertThrows(
                  ModelFileException.class, () -> SafeTensors.write(file, Map.of(), Map.of()));
          assertTrue(e.getMessage().contains("is being written by another"), e.getMessage());
        });
    assertTrue(Files.exists(file), "the part of the first is left alone");
  }

  @Test
  void shapes_areThoseOfTheTensors() throws Exception {
    Map<String, HostTensor> tensors = SafeTensors.read(fixture());
    Map<String, int[]> shapes = SafeTensors.shapes(fixture());
    assertEquals(tensors.keySet(), shapes.keySet());
    tensors.forEach((name, tensor) -> assertArrayEquals(tensor.shape(), shapes.get(name), name));
  }

  @Test
  void write_failure_leavesTheOldFile() throws IOException {
    Path missing = folder.resolve("missing/a.safetensors");
    ModelFileException e =
        assertThrows(
            ModelFileException.class, () -> SafeTensors.write(missing, Map.of(), Map.of()));
    assertTrue(e.getMessage().contains("its folder does not exist"), e.getMessage());
    Path occupied = Files.createDirectory(folder.resolve("occupied"));
    Files.writeString(occupied.resolve("inside"), "kept");
    assertThrows(ModelFileException.class, () -> SafeTensors.write(occupied, Map.of(), Map.of()));
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(occupied), left.toList(), "no temporary file is left");
    }
    assertThrows(
        IllegalArgumentException.class,
        () ->
            SafeTensors.write(
                folder.resolve("m"),
                Map.of("__metadata__", HostTensor.of(new int[1], 1)),
                Map.of()));
  }

  @Test
  void read_corruptHeader_saysWhatIsWrong() throws IOException {
    String a = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";
    corrupt("[]", 0, "not a safetensors header");
    corrupt("{" + a, 8, "not a safetensors header, End of input");
    corrupt("{" + a + "} x", 8, "not a safetensors header");
    corrupt("\u0000\u0001", 0, "not a safetensors header");
    corrupt("{\"a\":5}", 8, "not a safetensors header");
    corrupt("{" + a + "," + a + "}", 8, "tensor a is in the header twice");
    corrupt("{" + a.replace("{", "{\"shape\":[2],") + "}", 8, "tensor a says shape twice");
    corrupt("{" + a.replace("F32", "F8_E4M3") + "}", 8, "tensor a has the unknown dtype F8_E4M3");
    corrupt("{" + a.replace("[2]", "[3]") + "}", 8, "tensor a of F32 [3] needs 12 bytes");
    corrupt("{" + a.replace("[2]", "[-2]") + "}", 8, "other than whole numbers from 0 in shape");
    corrupt("{" + a.replace("[2]", "[\"2\"]") + "}", 8, "other than whole numbers from 0 in shape");
    corrupt("{" + a.replace("[2]", "[1.5]") + "}", 8, "not a safetensors header");
    corrupt("{" + a.replace("[2]", "[4294967296,4294967296]") + "}", 8, "larger than a Java array");
    corrupt("{" + a.replace("[2]", "[65536,65536]") + "}", 8, "larger than a Java array");
    corrupt("{" + a.replace("[0,8]", "[8,0]") + "}", 8, "tensor a ends before it begins");
    corrupt("{" + a.replace("[0,8]", "[0]") + "}", 8, "tensor a needs dtype, shape and two");
    corrupt("{\"a\":{}}", 8, "tensor a needs dtype, shape and two");
    corrupt("{" + a + "}", 7, "tensor a ends at byte 8 of the data, but the file holds 7");
    corrupt("{" + a + "}", 9, "1 bytes follow the last tensor");
    corrupt(
        "{" + a.replace("[0,8]", "[4,12]") + "}",
        12,
        "tensor a begins at byte 4 of the data, after");
    String b = a.replace("\"a\"", "\"b\"").replace("[0,8]", "[4,12]");
    corrupt("{" + a + "," + b + "}", 12, "tensor b begins at byte 4 of the data, inside another");
    corrupt("{\"__metadata__\":{\"k\":1}}", 0, "metadata k is not a string");
    corrupt("{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}}", 0, "metadata k is in the header twice");
  }

  private void corrupt(String header, int dataBytes, String message) throws IOException {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    refused(file(json.length, json, dataBytes), message);
  }

  @Test
  void read_corruptLength_saysWhatIsWrong() throws IOException {
    refused(new byte[7], "7 bytes are too few");
    refused(new byte[0], "0 bytes are too few");
    refused(file(3, new byte[2], 0), "header has 3 bytes, but the file has only 2 more");
    refused(file(-1, new byte[2], 0), "header has 18446744073709551615 bytes");
    refused(file(0, new byte[0], 0), "not a safetensors header");
    refused(file(4, new byte[] {'{', '"', (byte) 0xff, '"'}, 0), "not UTF-8");
  }

  @Test
  void read_everyPrefixOfAFile_isRefused() throws IOException {
    Path file = folder.resolve("whole.safetensors");
    SafeTensors.write(file, Map.of("a", HostTensor.of(new float[] {1, 2}, 2)), Map.of("k", "v"));
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length++) {
      byte[] prefix = Arrays.copyOf(whole, length);
      refused(prefix, "fetch it again");
    }
  }

  @Test
  void read_flippedHeaderByte_isRefusedOrRead() throws IOException {
    Path file = folder.resolve("whole.safetensors");
    SafeTensors.write(file, Map.of("a", HostTensor.of(new float[] {1, 2}, 2)), Map.of("k", "v"));
    byte[] whole = Files.readAllBytes(file);
    List<String> refusals = new ArrayList<>();
    for (int at = 0; at < whole.length - 8; at++) {
      for (int bit = 0; bit < 8; bit++) {
        byte[] flipped = whole.clone();
        flipped[at] ^= (byte) (1 << bit);
        try {
          SafeTensors.read(Files.write(file, flipped));
        } catch (ModelFileException e) {
          refusals.add(e.getMessage());
        }
      }
    }
    assertTrue(refusals.size() > whole.length * 4, "refused " + refusals.size());
  }

  @Test
  void read_headerOverTheLimit_isRefused() throws IOException {
    Path file = folder.resolve("sparse.safetensors");
    try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
      out.write(file(100_000_001, new byte[0], 0));
      out.setLength(100_000_100);
    }
    ModelFileException e = assertThrows(ModelFileException.class, () -> SafeTensors.read(file));
    assertTrue(e.getMessage().contains("over the limit of 100000000"), e.getMessage());
  }

  @Test
  void read_emptyExtentBesideHugeOnes_isAnEmptyTensor() throws IOException {
    String header =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2147483000,2147483000,2147483000,0],"
            + "\"data_offsets\":[0,0],\"later_key\":[{}]}}";
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    Path file = Files.write(folder.resolve("empty"), file(json.length, json, 0));
    assertEquals(0, SafeTensors.read(file).get("a").size());
  }

  @Test
  void read_missingFileOrFolder_isNamed() {
    Path missing = folder.resolve("missing.safetensors");
    ModelFileException e = assertThrows(ModelFileException.class, () -> SafeTensors.read(missing));
    assertEquals(missing + ": no such file; check the path or fetch the weights", e.getMessage());
    assertThrows(ModelFileException.class, () -> SafeTensors.read(folder));
  }

  private void refused(byte[] bytes, String message) throws IOException {
    Path file = Files.write(folder.resolve("corrupt.safetensors"), bytes);
    ModelFileException e = assertThrows(ModelFileException.class, () -> SafeTensors.read(file));
    assertTrue(e.getMessage().startsWith(file + ": "), e.getMessage());
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
  }

  private static byte[] file(long headerLength, byte[] header, int dataBytes) {
    return ByteBuffer.allocate(8 + header.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(headerLength)
        .put(header)
        .array();
  }

  private static long headerLength(Path file) throws IOException {
    return ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
  }

  private static void assertSame(HostTensor expected, HostTensor actual) {
    assertEquals(expected.dtype(), actual.dtype());
    assertArrayEquals(expected.shape(), actual.shape());
    assertArrayEquals(new Object[] {expected.data()}, new Object[] {actual.data()}); // deep
  }

  private static Path fixture() throws URISyntaxException {
    return Path.of(SafeTensorsTest.class.getResource("/fixtures/tiny_weights.safetensors").toURI());
  }
}
