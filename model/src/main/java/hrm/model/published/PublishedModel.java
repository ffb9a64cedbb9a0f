package hrm.model.published;

import hrm.model.HrmConfig;
import hrm.model.Weights;
import hrm.model.io.HostTensor;
import hrm.model.io.ModelFileException;
import hrm.model.io.Sha256;
import hrm.model.io.torch.TorchCheckpoint;
import hrm.model.io.torch.TorchTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A published checkpoint, read and checked tensor by tensor.
 *
 * @param weights as float32, whatever the file's types
 * @param source the checkpoint's file name
 * @param sha256 of the checkpoint
 * @param ema whether averaged weights were taken
 * @param notes what was inferred, chosen and left out, a sentence each
 */
public record PublishedModel(
    Weights weights, String source, String sha256, boolean ema, List<String> notes) {

  /**
   * @param configFile all_config.yaml or its arch part; null: all_config.yaml beside the
   *     checkpoint, where there is one
   * @throws ModelFileException saying what is wrong with the checkpoint or its config, or which
   *     options are needed
   */
  public static PublishedModel read(Path checkpoint, Path configFile, ImportOptions options)
      throws IOException {
    try (TorchCheckpoint torch = TorchCheckpoint.open(checkpoint)) {
      StateDict state = StateDict.of(checkpoint, torch.root(), options.raw());
      List<String> notes = new ArrayList<>();
      Path found = configFile == null ? beside(checkpoint) : configFile;
      ConfigFile file = found == null ? ConfigFile.NONE : ConfigFile.read(found);
      if (found != null) {
        notes.add("config from " + found.getFileName());
      }
      HrmConfig config;
      Map<String, int[]> shapes = new LinkedHashMap<>();
      state.tensors().forEach((name, tensor) -> shapes.put(name, tensor.shape()));
      try {
        ConfigInference.Inferred inferred = ConfigInference.infer(shapes, file, options);
        config = inferred.config();
        notes.addAll(inferred.notes());
      } catch (IllegalArgumentException e) {
        throw new ModelFileException(checkpoint, e.getMessage(), e);
      }
      notes.addAll(state.notes());
      check(checkpoint, config, state.tensors());
      Weights weights = new Weights(config, load(checkpoint, torch, config, state.tensors()));
      return new PublishedModel(
          weights,
          checkpoint.toAbsolutePath().getFileName().toString(),
          Sha256.of(checkpoint),
          state.ema(),
          List.copyOf(notes));
    }
  }

  private static Path beside(Path checkpoint) {
    Path file = checkpoint.toAbsolutePath().resolveSibling(ConfigFile.NAME);
    return Files.isRegularFile(file) ? file : null;
  }

  private static void check(Path file, HrmConfig config, Map<String, TorchTensor> tensors)
      throws ModelFileException {
    Map<String, int[]> shapes;
    try {
      shapes = Weights.shapes(config);
    } catch (ArithmeticException e) {
      throw new ModelFileException(file, "its config asks for larger tensors than there can be", e);
    }
    for (Map.Entry<String, int[]> entry : shapes.entrySet()) {
      String name = entry.getKey();
      TorchTensor tensor = tensors.get(name);
      if (tensor == null) {
        throw new ModelFileException(
            file,
            "has no tensor %s, which its config asks for; check the config, or fetch the file again"
                .formatted(name));
      }
      if (!Arrays.equals(tensor.shape(), entry.getValue())) {
        throw new ModelFileException(
            file,
            "tensor %s has shape %s, but the config asks for %s; check the config"
                .formatted(
                    name, Arrays.toString(tensor.shape()), Arrays.toString(entry.getValue())));
      }
      switch (tensor.dtype()) {
        case F32, F64, F16, BF16 -> {}
        default ->
            throw new ModelFileException(
                file,
                "tensor %s holds whole numbers (%s); weights must be floating-point"
                    .formatted(name, tensor.dtype()));
      }
    }
    for (String name : tensors.keySet()) {
      if (!shapes.containsKey(name)) {
        throw new ModelFileException(
            file,
            "has the tensor %s, which a model of its config has no place for; it is of another architecture or config"
                .formatted(StateDict.shown(name)));
      }
    }
  }

  private static Map<String, float[]> load(
      Path file, TorchCheckpoint torch, HrmConfig config, Map<String, TorchTensor> tensors)
      throws IOException {
    Map<String, float[]> loaded = new LinkedHashMap<>();
    for (String name : Weights.shapes(config).keySet()) {
      HostTensor tensor = torch.load(tensors.get(name));
      float[] values = tensor.floats();
      for (int i = 0; i < values.length; i++) {
        if (!Float.isFinite(values[i])) {
          throw new ModelFileException(
              file,
              "tensor %s has the value %s at %d; weights must be finite, take another checkpoint"
                  .formatted(name, values[i], i));
        }
      }
      loaded.put(name, values);
    }
    return loaded;
  }
}
