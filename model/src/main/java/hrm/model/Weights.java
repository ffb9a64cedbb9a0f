package hrm.model;

import hrm.model.host.Host;
import hrm.model.io.DType;
import hrm.model.io.HostTensor;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/** Named parameters of one model on the host, keys as published without their prefix. */
public final class Weights {
  /** What torch.compile and the loss head put before every published key. */
  public static final String PREFIX = "_orig_mod.model.inner.";

  private final Map<String, float[]> tensors;
  private final HrmConfig config;

  /**
   * @throws IllegalArgumentException naming the first tensor that is missing or of the wrong size
   */
  public Weights(HrmConfig config, Map<String, float[]> tensors) {
    this.config = config;
    this.tensors = new LinkedHashMap<>();
    shapes(config)
        .forEach(
            (name, shape) -> {
              float[] data = tensors.get(name);
              if (data == null) {
                throw new IllegalArgumentException(
                    "tensor %s is missing; the config asks for shape %s"
                        .formatted(name, java.util.Arrays.toString(shape)));
              }
              if (data.length != size(shape)) {
                throw new IllegalArgumentException(
                    "tensor %s has %d values; the config asks for shape %s, %d values"
                        .formatted(
                            name, data.length, java.util.Arrays.toString(shape), size(shape)));
              }
              this.tensors.put(name, data);
            });
  }

  public HrmConfig config() {
    return config;
  }

  /**
   * Values of one tensor, row-major in its shape of {@link #shapes}; not a copy.
   *
   * @throws IllegalArgumentException when this model has no such tensor
   */
  public float[] get(String name) {
    float[] data = tensors.get(name);
    if (data == null) {
      throw new IllegalArgumentException("this model has no tensor " + name);
    }
    return data;
  }

  /** All tensors in the order of {@link #shapes}, as {@link #get} has them; not a copy. */
  public Map<String, float[]> tensors() {
    return tensors;
  }

  /** How many values all tensors have together; H_init, L_init and puzzle embeddings count. */
  public long parameters() {
    return tensors.values().stream().mapToLong(data -> data.length).sum();
  }

  /** Under their published keys, as a file holds them; dtype is F32, or BF16 at half the size. */
  public Map<String, HostTensor> published(DType dtype) {
    Map<String, int[]> shapes = shapes(config);
    Map<String, HostTensor> published = new LinkedHashMap<>();
    tensors.forEach(
        (name, data) ->
            published.put(PREFIX + name, new HostTensor(dtype, shapes.get(name), data)));
    return published;
  }

  /** These weights as a file of that element type would give them back. */
  public Weights rounded(DType dtype) {
    Map<String, float[]> rounded = new LinkedHashMap<>();
    tensors.forEach((name, data) -> rounded.put(name, dtype.rounded(data)));
    return new Weights(config, rounded);
  }

  /** The first value that is not finite, in words; empty where all are. */
  public Optional<String> notFinite() {
    for (Map.Entry<String, float[]> entry : tensors.entrySet()) {
      float[] data = entry.getValue();
      if (!Host.allFinite(data)) {
        int i = 0;
        while (Float.isFinite(data[i])) {
          i++;
        }
        return Optional.of(
            "tensor %s has the value %s at %d".formatted(entry.getKey(), data[i], i));
      }
    }
    return Optional.empty();
  }

  /** Every tensor of a model in the order of its published file. */
  public static Map<String, int[]> shapes(HrmConfig c) {
    Map<String, int[]> shapes = new LinkedHashMap<>();
    int d = c.hiddenSize();
    shapes.put("H_init", new int[] {d});
    shapes.put("L_init", new int[] {d});
    shapes.put("embed_tokens.embedding_weight", new int[] {c.vocabSize(), d});
    shapes.put("lm_head.weight", new int[] {c.vocabSize(), d});
    shapes.put("q_head.weight", new int[] {2, d});
    shapes.put("q_head.bias", new int[] {2});
    if (c.puzzleEmbNdim() > 0) {
      shapes.put("puzzle_emb.weights", new int[] {c.numPuzzleIdentifiers(), c.puzzleEmbNdim()});
    }
    if (c.positions() == HrmConfig.Positions.LEARNED) {
      shapes.put("embed_pos.embedding_weight", new int[] {c.sequence(), d});
    }
    if (!c.singleNet()) {
      level(shapes, "H_level", c.hLayers(), c.hMixing(), c);
    }
    level(shapes, "L_level", c.lLayers(), c.lMixing(), c);
    return shapes;
  }

  private static void level(
      Map<String, int[]> shapes, String level, int layers, boolean mixing, HrmConfig c) {
    int d = c.hiddenSize();
    for (int i = 0; i < layers; i++) {
      String layer = level + ".layers." + i + ".";
      if (mixing) {
        swiGlu(shapes, layer + "mlp_t.", c.sequence(), c);
      } else {
        shapes.put(layer + "self_attn.qkv_proj.weight", new int[] {3 * d, d});
        shapes.put(layer + "self_attn.o_proj.weight", new int[] {d, d});
      }
      swiGlu(shapes, layer + "mlp.", d, c);
    }
  }

  private static void swiGlu(Map<String, int[]> shapes, String prefix, int width, HrmConfig c) {
    shapes.put(prefix + "gate_up_proj.weight", new int[] {2 * c.inter(width), width});
    shapes.put(prefix + "down_proj.weight", new int[] {width, c.inter(width)});
  }

  static int size(int[] shape) {
    int size = 1;
    for (int axis : shape) {
      size = Math.multiplyExact(size, axis);
    }
    return size;
  }

  /**
   * The published initialisation: truncated normals of standard deviation 1/sqrt(fan-in), z's at 1,
   * Q head at weight 0 and bias -5, puzzle embedding at 0.
   */
  public static Weights random(HrmConfig config, long seed) {
    Map<String, float[]> tensors = new LinkedHashMap<>();
    SplittableRandom random = new SplittableRandom(seed);
    shapes(config)
        .forEach(
            (name, shape) -> {
              float[] data = new float[size(shape)];
              if (name.equals("q_head.bias")) {
                java.util.Arrays.fill(data, -5);
              } else if (!name.startsWith("q_head") && !name.startsWith("puzzle_emb")) {
                double std =
                    name.endsWith("_init")
                        ? 1
                        : 1 / Math.sqrt(name.startsWith("embed") ? config.hiddenSize() : shape[1]);
                truncatedNormal(data, std, random);
              }
              tensors.put(name, data);
            });
    return new Weights(config, tensors);
  }

  /** Normal draws beyond two deviations are redrawn; the result has standard deviation std. */
  private static void truncatedNormal(float[] data, double std, SplittableRandom random) {
    double scale = std * 1.1368472343385565; // 1 / sqrt(1 - 4 phi(2) / erf(sqrt 2))
    for (int i = 0; i < data.length; i++) {
      double x;
      do {
        x = random.nextGaussian();
      } while (Math.abs(x) > 2);
      data[i] = (float) (x * scale);
    }
  }
}
