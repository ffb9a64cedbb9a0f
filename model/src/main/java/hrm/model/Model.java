package hrm.model;

import hrm.model.io.DType;
import hrm.model.io.HostTensor;
import hrm.model.io.ModelFileException;
import hrm.model.io.SafeTensors;
import hrm.model.io.Sha256;
import hrm.model.io.WholeFile;
import hrm.model.puzzle.PuzzleKind;
import hrm.model.puzzle.PuzzleKinds;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A model ready to serve: {@code model.safetensors} and {@code config.json} of one folder, whose
 * name is the model's.
 */
public record Model(String name, HrmConfig config, Weights weights, String sha256) {
  public static final String WEIGHTS_FILE = "model.safetensors";
  public static final String CONFIG_FILE = "config.json";

  /**
   * @param path a model folder, or a weights file with config.json beside it
   * @throws ModelFileException naming the file and what is wrong with it
   */
  public static Model load(Path path) throws IOException {
    Path folder = Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
    Path file = Files.isDirectory(path) ? path.resolve(WEIGHTS_FILE) : path;
    return load(
        file, folder.resolve(CONFIG_FILE), folder.toAbsolutePath().getFileName().toString());
  }

  /** A model whose weights and config lie in files of their own. */
  public static Model load(Path weights, Path configFile, String name) throws IOException {
    if (!Files.isRegularFile(configFile)) {
      throw new ModelFileException(
          configFile, "does not exist; a model needs its arch config as JSON there");
    }
    HrmConfig config;
    try {
      config = HrmConfig.parse(Files.readString(configFile, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      throw new ModelFileException(configFile, e.getMessage(), e);
    }
    return new Model(name, config, weights(weights, config), Sha256.of(weights));
  }

  private static Weights weights(Path file, HrmConfig config) throws IOException {
    Map<String, HostTensor> read = SafeTensors.read(file);
    Map<String, float[]> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, int[]> entry : Weights.shapes(config).entrySet()) {
      HostTensor tensor = read.get(Weights.PREFIX + entry.getKey());
      tensor = tensor == null ? read.get(entry.getKey()) : tensor;
      if (tensor == null) {
        throw new ModelFileException(
            file, "has no tensor %s, which its config asks for".formatted(entry.getKey()));
      }
      if (!java.util.Arrays.equals(tensor.shape(), entry.getValue())) {
        throw new ModelFileException(
            file,
            "tensor %s has shape %s, but the config asks for %s"
                .formatted(
                    entry.getKey(),
                    java.util.Arrays.toString(tensor.shape()),
                    java.util.Arrays.toString(entry.getValue())));
      }
      tensors.put(entry.getKey(), tensor.floats());
    }
    Weights weights = new Weights(config, tensors);
    Optional<String> wrong = weights.notFinite();
    if (wrong.isPresent()) {
      throw new ModelFileException(
          file, wrong.get() + "; weights must be finite, take those of another step");
    }
    return weights;
  }

  /** Writes the weights under the published keys as F32, and the config beside them. */
  public static void save(Path folder, Weights weights, Map<String, String> metadata)
      throws IOException {
    save(folder, weights, DType.F32, metadata);
  }

  /** As {@link #save(Path, Weights, Map)}, with F32 or BF16 elements. */
  public static void save(Path folder, Weights weights, DType dtype, Map<String, String> metadata)
      throws IOException {
    Files.createDirectories(folder);
    SafeTensors.write(folder.resolve(WEIGHTS_FILE), weights.published(dtype), metadata);
    WholeFile.write(folder.resolve(CONFIG_FILE), weights.config().toJson());
  }

  /**
   * What two nodes must have in common to think about one puzzle together: the weights and the
   * config. The same weights with other {@code L_cycles} give other answers.
   */
  public String identity() {
    return sha256 + "-" + config.sha256();
  }

  /** The puzzle kind that this model solves, as its config says. */
  public Optional<PuzzleKind> puzzle() {
    return config.puzzle() == null ? Optional.empty() : PuzzleKinds.named(config.puzzle());
  }

  /** A planner's half with its weights resident on a device. */
  public HighLevel highLevel(Backend backend) {
    return new HighLevel(config, weights, backend.open());
  }

  /** A worker's half with its weights resident on a device. */
  public LowLevel lowLevel(Backend backend) {
    return new LowLevel(config, weights, backend.open());
  }
}
