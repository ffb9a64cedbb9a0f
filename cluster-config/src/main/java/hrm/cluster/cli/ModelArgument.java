package hrm.cluster.cli;

import hrm.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** A model as a command line names it: a folder, a weights file, or the name of a bundled one. */
public final class ModelArgument {
  @Option(
      names = "--weights",
      required = true,
      paramLabel = "W",
      description = "A model folder, its model.safetensors, or a bundled model's name.")
  String weights;

  @Option(
      names = "--config",
      paramLabel = "F",
      description = "The arch config, where it is not beside the weights.")
  Path config;

  /**
   * @throws CommandException when there is no such model
   */
  public Model load() throws IOException {
    Path path = path();
    if (config == null) {
      return Model.load(path);
    }
    Path file = Files.isDirectory(path) ? path.resolve(Model.WEIGHTS_FILE) : path;
    Path folder = file.toAbsolutePath().normalize().getParent();
    return Model.load(file, config, folder.getFileName().toString());
  }

  private Path path() {
    return path(weights);
  }

  /**
   * The folder or file that {@code --weights} names.
   *
   * @throws CommandException when there is none
   */
  public static Path path(String weights) {
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
