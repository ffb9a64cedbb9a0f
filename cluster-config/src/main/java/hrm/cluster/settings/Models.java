package hrm.cluster.settings;

import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.cluster.cli.Home;
import hrm.model.Backend;
import hrm.model.Backends;
import hrm.model.HrmConfig;
import hrm.model.Model;
import hrm.model.io.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What {@link ModelSettings} ask for: folders, loaded models, the backend that runs them. */
public final class Models {
  private Models() {}

  /**
   * @throws CommandException when there is none
   */
  public static List<Path> folders(ModelSettings settings, Home home) {
    List<Path> folders = settings.path().isEmpty() ? home.modelFolders() : settings.path();
    if (folders.isEmpty()) {
      throw CommandException.wrongInput(
          "there is no model: put a folder with model.safetensors and config.json under %s, or name one in hrm.model.path (HRM_MODEL_PATH)"
              .formatted(home.models()));
    }
    for (Path folder : folders) {
      if (!Files.exists(folder)) {
        throw CommandException.wrongInput(
            "hrm.model.path: %s does not exist; name a folder with model.safetensors and config.json"
                .formatted(folder));
      }
    }
    return folders;
  }

  /** The first folder whose model solves a kind of puzzle; reads configs only. */
  public static Optional<Path> folderFor(String kind, List<Path> folders) throws IOException {
    for (Path folder : folders) {
      Path config = folder.resolve(Model.CONFIG_FILE);
      if (Files.exists(config)) {
        try {
          if (kind.equals(HrmConfig.parse(Files.readString(config)).puzzle())) {
            return Optional.of(folder);
          }
        } catch (IllegalArgumentException e) {
          throw new ModelFileException(config, e.getMessage(), e);
        }
      }
    }
    return Optional.empty();
  }

  public static List<Model> load(List<Path> folders) throws IOException {
    List<Model> models = new ArrayList<>();
    for (Path folder : folders) {
      models.add(Model.load(folder));
    }
    return models;
  }

  /** The models under names of their weights that only other simulated nodes know. */
  public static List<Model> simulated(List<Model> models) {
    return models.stream()
        .map(m -> new Model(m.name(), m.config(), m.weights(), "simulated-" + m.sha256()))
        .toList();
  }

  /**
   * @throws CommandException when the backend asked for does not work here
   */
  public static Backend backend(ModelSettings settings) {
    try {
      return Backends.named(
          settings.backend(), settings.threads(), settings.simulatedTick(), settings.cuda());
    } catch (LinkageError | RuntimeException e) {
      throw CommandException.failed(
          "the backend %s does not work on this machine (%s); set hrm.model.backend = auto (HRM_BACKEND, or --backend) to take what works"
              .formatted(settings.backend(), CommandException.reason(e)),
          e);
    }
  }

  /**
   * The folders of the models for these kinds of puzzles, as {@code hrm.model.path}.
   *
   * @throws CommandException when there is none for one of them
   */
  public static String pathFor(Set<String> kinds, Home home) throws IOException {
    List<Path> folders = folders(ModelSettings.from(new ConfigOptions().load()), home);
    List<String> chosen = new ArrayList<>();
    for (String kind : new TreeSet<>(kinds)) {
      Path folder =
          folderFor(kind, folders)
              .orElseThrow(
                  () ->
                      CommandException.wrongInput(
                          "no model here solves %s: train one, or name its folder in HRM_MODEL_PATH; looked in %s"
                              .formatted(
                                  kind,
                                  folders.stream()
                                      .map(Path::toString)
                                      .collect(Collectors.joining(", ")))));
      chosen.add(folder.toAbsolutePath().toString());
    }
    return String.join(",", chosen);
  }

  /** All models that a node without further settings serves, as {@code hrm.model.path}. */
  public static String allPaths(Home home) throws IOException {
    return folders(ModelSettings.from(new ConfigOptions().load()), home).stream()
        .map(folder -> folder.toAbsolutePath().toString())
        .collect(Collectors.joining(","));
  }
}
