package hrm.cluster.cli;

import hrm.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** A model as a command line names it: a folder, a weights file, or the name of a bundled one. */
public final class ModelArgument {
  /** What names one, for help. */
  public static final String FORMS =
      "a model folder, its model.safetensors, or a bundled model's name";

  @Option(
      names = "--weights",
      required = true,
      paramLabel = "W",
      description = "The model: " + FORMS + ".")
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
    Path path = path("--weights", weights);
    if (config == null) {
      return Model.load(path);
    }
    Path file = Files.isDirectory(path) ? path.resolve(Model.WEIGHTS_FILE) : path;
    Path folder = file.getParent().getFileName();
    return Model.load(file, config, folder == null ? "" : folder.toString());
  }

  /**
   * The folder or file that an option names, as an absolute path.
   *
   * @throws CommandException when there is none
   */
  public static Path path(String option, String given) {
    Path path = Path.of(given);
    Path bundled = Home.get().models().resolve(given);
    if (Files.exists(path)) {
      return path.toAbsolutePath().normalize();
    }
    if (Files.exists(bundled)) {
      return bundled;
    }
    throw CommandException.wrongInput(
        "%s %s: there is no such file or folder; give %s (%s)"
            .formatted(option, given, FORMS, bundledNames()));
  }

  private static String bundledNames() {
    return Home.get().modelFolders().stream()
        .map(folder -> folder.getFileName().toString())
        .collect(Collectors.joining(", "));
  }
}
