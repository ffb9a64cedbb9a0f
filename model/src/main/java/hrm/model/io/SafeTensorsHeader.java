package hrm.model.io;

import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The JSON header of a safetensors file: for each tensor its type, shape and bytes, and a table of
 * strings under {@code __metadata__}. In the order written.
 */
record SafeTensorsHeader(Map<String, Entry> entries, Map<String, String> metadata) {
  static final String METADATA = "__metadata__";

  private static final long MAX_ARRAY = Integer.MAX_VALUE - 8; // elements

  /** Where a tensor is: bytes from {@code begin} to before {@code end}, after the header. */
  record Entry(DType dtype, int[] shape, long begin, long end) {
    int elements() {
      return (int) ((end - begin) / dtype.bytes());
    }
  }

  /** Parses and checks a header; {@code dataBytes} is how much the file holds after it. */
  static SafeTensorsHeader parse(Path file, byte[] json, long dataBytes) throws IOException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    Map<String, String> metadata = new LinkedHashMap<>();
    try (JsonReader in = new JsonReader(new StringReader(utf8(json)))) {
      in.setStrictness(Strictness.STRICT);
      Set<String> names = new HashSet<>();
      in.beginObject();
      while (in.hasNext()) {
        String name = in.nextName();
        if (!names.add(name)) {
          throw new ModelFileException(
              file, "tensor " + name + " is in the header twice; write the file again");
        }
        if (name.equals(METADATA)) {
          readMetadata(file, in, metadata);
        } else {
          entries.put(name, readEntry(file, name, in));
        }
      }
      in.endObject();
      in.peek(); // strict: throws unless only white space follows
    } catch (ModelFileException e) {
      throw e;
    } catch (IOException | JsonParseException | IllegalStateException | NumberFormatException e) {
      throw new ModelFileException(
          file,
          "the header is not a safetensors header, "
              + e.getMessage().lines().findFirst().orElse("")
              + "; it is damaged or another format, fetch it again",
          e);
    }
    checkLayout(file, entries, dataBytes);
    return new SafeTensorsHeader(entries, metadata);
  }

  private static String utf8(byte[] json) throws IOException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException("it is not UTF-8 text", e);
    }
  }

  private static void readMetadata(Path file, JsonReader in, Map<String, String> metadata)
      throws IOException {
    in.beginObject();
    while (in.hasNext()) {
      String key = in.nextName();
      if (in.peek() != JsonToken.STRING) {
        throw new ModelFileException(
            file, "metadata " + key + " is not a string; only strings are allowed there");
      }
      if (metadata.put(key, in.nextString()) != null) {
        throw new ModelFileException(
            file, "metadata " + key + " is in the header twice; write the file again");
      }
    }
    in.endObject();
  }

  private static Entry readEntry(Path file, String name, JsonReader in) throws IOException {
    DType dtype = null;
    long[] shape = null;
    long[] offsets = null;
    Set<String> keys = new HashSet<>();
    in.beginObject();
    while (in.hasNext()) {
      String key = in.nextName();
      if (!keys.add(key)) {
        throw bad(file, name, "says " + key + " twice; write the file again");
      }
      switch (key) {
        case "dtype" -> dtype = dtype(file, name, in.nextString());
        case "shape" -> shape = readLongs(file, name, key, in);
        case "data_offsets" -> offsets = readLongs(file, name, key, in);
        default -> in.skipValue(); // as the reference implementation
      }
    }
    in.endObject();
    if (dtype == null || shape == null || offsets == null || offsets.length != 2) {
      throw bad(file, name, "needs dtype, shape and two data_offsets; write the file again");
    }
    if (offsets[0] > offsets[1]) {
      throw bad(file, name, "ends before it begins: data_offsets " + Arrays.toString(offsets));
    }
    return new Entry(dtype, intShape(file, name, dtype, shape, offsets), offsets[0], offsets[1]);
  }

  private static DType dtype(Path file, String name, String text) throws ModelFileException {
    for (DType dtype : DType.values()) {
      if (dtype.name().equals(text)) {
        return dtype;
      }
    }
    throw bad(
        file,
        name,
        "has the unknown dtype " + text + "; convert it to one of " + List.of(DType.values()));
  }

  private static long[] readLongs(Path file, String name, String key, JsonReader in)
      throws IOException {
    List<Long> longs = new ArrayList<>();
    in.beginArray();
    while (in.hasNext()) {
      long value = in.peek() == JsonToken.NUMBER ? in.nextLong() : -1;
      if (value < 0) {
        throw bad(file, name, "has something other than whole numbers from 0 in " + key);
      }
      longs.add(value);
    }
    in.endArray();
    return longs.stream().mapToLong(Long::longValue).toArray();
  }

  private static int[] intShape(Path file, String name, DType dtype, long[] shape, long[] offsets)
      throws ModelFileException {
    long elements = 1;
    boolean large = false;
    for (long extent : shape) {
      large |= extent > MAX_ARRAY;
      elements = Math.min(elements * Math.min(extent, 1L << 31), 1L << 31); // capped
    }
    if (large || elements > MAX_ARRAY) {
      throw bad(
          file, name, "of " + Arrays.toString(shape) + " is larger than a Java array; split it");
    }
    long bytes = elements * dtype.bytes();
    if (bytes != offsets[1] - offsets[0]) {
      throw bad(
          file,
          name,
          "of %s %s needs %d bytes but data_offsets %s give %d; write the file again"
              .formatted(
                  dtype,
                  Arrays.toString(shape),
                  bytes,
                  Arrays.toString(offsets),
                  offsets[1] - offsets[0]));
    }
    return Arrays.stream(shape).mapToInt(extent -> (int) extent).toArray();
  }

  /** The tensors must cover the data from its first byte to its last, without gap or overlap. */
  private static void checkLayout(Path file, Map<String, Entry> entries, long dataBytes)
      throws ModelFileException {
    List<Map.Entry<String, Entry>> byPlace = new ArrayList<>(entries.entrySet());
    byPlace.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long end = 0;
    for (Map.Entry<String, Entry> next : byPlace) {
      Entry entry = next.getValue();
      if (entry.end() > dataBytes) {
        throw bad(
            file,
            next.getKey(),
            "ends at byte %d of the data, but the file holds %d; it is cut short, fetch it again"
                .formatted(entry.end(), dataBytes));
      }
      if (entry.begin() != end) {
        throw bad(
            file,
            next.getKey(),
            "begins at byte %d of the data, %s: %d was expected; write the file again"
                .formatted(
                    entry.begin(),
                    entry.begin() < end ? "inside another tensor" : "after a gap",
                    end));
      }
      end = entry.end();
    }
    if (end != dataBytes) {
      throw new ModelFileException(
          file, (dataBytes - end) + " bytes follow the last tensor; write the file again");
    }
  }

  private static ModelFileException bad(Path file, String tensor, String what) {
    return new ModelFileException(file, "tensor " + tensor + " " + what);
  }

  /** The header as it is written: UTF-8, padded with spaces to a multiple of 8 bytes. */
  byte[] toBytes() throws IOException {
    StringWriter json = new StringWriter();
    try (JsonWriter out = new JsonWriter(json)) {
      out.beginObject();
      if (!metadata.isEmpty()) {
        out.name(METADATA).beginObject();
        for (Map.Entry<String, String> e : metadata.entrySet()) {
          out.name(e.getKey()).value(e.getValue());
        }
        out.endObject();
      }
      for (Map.Entry<String, Entry> e : entries.entrySet()) {
        Entry entry = e.getValue();
        out.name(e.getKey()).beginObject().name("dtype").value(entry.dtype().name());
        out.name("shape").beginArray();
        for (int extent : entry.shape()) {
          out.value(extent);
        }
        out.endArray().name("data_offsets").beginArray();
        out.value(entry.begin()).value(entry.end()).endArray().endObject();
      }
      out.endObject();
    }
    byte[] bytes = json.toString().getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(bytes, (bytes.length + 7) / 8 * 8);
    Arrays.fill(padded, bytes.length, padded.length, (byte) ' ');
    return padded;
  }
}
