package hrm.cluster;

import hrm.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** A model as a command line names it: a folder, a weights file, or the name of a bundled one. */
final class ModelArgument {
  private ModelArgument() {}

  /**
   * @param config the arch config, or null when it lies beside the weights
   * @throws CommandException when there is no such model
   */
  static Model load(String weights, Path config) throws IOException {
    Path path = path(weights);
    if (config == null) {
      return Model.load(path);
    }
    Path file = Files.isDirectory(path) ? path.resolve(Model.WEIGHTS_FILE) : path;
    Path folder = file.toAbsolutePath().normalize().getParent();
    return Model.load(file, config, folder.getFileName().toString());
  }

  private static Path path(String weights) {
    Path path = Path.of(weights);
    Path bundled = Home.get().models().resolve(weights);
    if (Files.exists(path)) {
      return path;
    }
    if (Files.exists(bundled)) {
      return bundled;
    }
    throw CommandException.wrongInput(
        "--weights %s: there is no such file or folder; give a model folder, its model.safetensors, or a bundled model's name (%s)"
            .formatted(weights, bundledNames()));
  }

  private static String bundledNames() {
    return Home.get().modelFolders().stream()
        .map(folder -> folder.getFileName().toString())
        .collect(Collectors.joining(", "));
  }
}
