package hrm.model;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The golden values from the published implementation, and weights by recipe "hrmrand-1". */
final class Fixtures {
  private final Map<String, double[]> arrays = new LinkedHashMap<>();

  static Fixtures safetensors(String name) {
    byte[] bytes = bytes(name);
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int length = (int) buffer.getLong(0);
    JsonObject header =
        JsonParser.parseString(new String(bytes, 8, length, StandardCharsets.UTF_8))
            .getAsJsonObject();
    Fixtures fixtures = new Fixtures();
    for (String key : header.keySet()) {
      if (key.equals("__metadata__")) {
        continue;
      }
      JsonObject entry = header.getAsJsonObject(key);
      int from = 8 + length + entry.getAsJsonArray("data_offsets").get(0).getAsInt();
      int to = 8 + length + entry.getAsJsonArray("data_offsets").get(1).getAsInt();
      String dtype = entry.get("dtype").getAsString();
      int width = dtype.equals("F64") ? 8 : dtype.equals("BOOL") ? 1 : 4;
      double[] values = new double[(to - from) / width];
      for (int i = 0; i < values.length; i++) {
        int at = from + i * width;
        values[i] =
            switch (dtype) {
              case "F32" -> buffer.getFloat(at);
              case "F64" -> buffer.getDouble(at);
              case "I32" -> buffer.getInt(at);
              case "BOOL" -> buffer.get(at);
              default -> throw new IllegalArgumentException(dtype);
            };
      }
      fixtures.arrays.put(key, values);
    }
    return fixtures;
  }

  static JsonObject json(String name) {
    return JsonParser.parseString(new String(bytes(name), StandardCharsets.UTF_8))
        .getAsJsonObject();
  }

  private static byte[] bytes(String name) {
    try (InputStream in = Fixtures.class.getResourceAsStream("/fixtures/" + name)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(name, e);
    }
  }

  double[] get(String key) {
    double[] values = arrays.get(key);
    if (values == null) {
      throw new IllegalArgumentException(key + " is not in " + arrays.keySet());
    }
    return values;
  }

  Map<String, double[]> arrays() {
    return arrays;
  }

  int[] ints(String key) {
    double[] values = get(key);
    int[] ints = new int[values.length];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = (int) values[i];
    }
    return ints;
  }

  /** (rows)(columns) of a flat array. */
  int[][] rows(String key, int rows) {
    int[] flat = ints(key);
    int[][] out = new int[rows][];
    for (int i = 0; i < rows; i++) {
      out[i] =
          java.util.Arrays.copyOfRange(flat, i * flat.length / rows, (i + 1) * flat.length / rows);
    }
    return out;
  }

  /** A manifest's config and weights, regenerated bit for bit. */
  static Weights recipe(String manifest) {
    JsonObject json = json(manifest);
    HrmConfig config = config(json.getAsJsonObject("config"));
    String salt = json.get("salt").getAsString();
    Map<String, float[]> tensors = new LinkedHashMap<>();
    JsonObject entries = json.getAsJsonObject("tensors");
    for (String name : entries.keySet()) {
      JsonObject entry = entries.getAsJsonObject(name);
      int[] shape = new Gson().fromJson(entry.get("shape"), int[].class);
      float scale =
          entry.has("scale_f32_bits")
              ? Float.intBitsToFloat(
                  (int) Long.parseLong(entry.get("scale_f32_bits").getAsString().substring(2), 16))
              : 0;
      tensors.put(name, recipe(salt + name, Weights.size(shape), scale));
    }
    return new Weights(config, tensors);
  }

  private static HrmConfig config(JsonObject json) {
    return HrmConfig.parse(json.toString());
  }

  private static float[] recipe(String salted, int n, float scale) {
    long h = 0xCBF29CE484222325L;
    for (byte b : salted.getBytes(StandardCharsets.UTF_8)) {
      h = (h ^ (b & 0xff)) * 0x100000001B3L;
    }
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      long z = h + (i + 1) * 0x9E3779B97F4A7C15L;
      z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
      z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
      z ^= z >>> 31;
      values[i] =
          scale == 0 ? ((int) (z >>> 56) - 128) / 64f : ((int) (z >>> 40) - (1 << 23)) * scale;
    }
    return values;
  }
}
