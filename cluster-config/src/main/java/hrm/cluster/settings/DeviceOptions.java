package hrm.cluster.settings;

import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.ConfigOptions;
import hrm.model.Backend;
import java.util.Arrays;
import picocli.CommandLine.Option;

/** What a command computes on: as it says, and otherwise as {@code hrm.model} does for nodes. */
public final class DeviceOptions {
  @Option(
      names = "--backend",
      paramLabel = "B",
      description =
          "One of "
              + ModelSettings.COMPUTING
              + " (default: HRM_BACKEND, hrm.model.backend or auto).")
  String backend;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Cores to use, 1 to 1024; 0: all (default: HRM_THREADS, hrm.model.threads or all).")
  Integer threads;

  /**
   * To be called before anything that takes time.
   *
   * @throws CommandException when no such backend computes anything
   * @throws IllegalArgumentException when the settings or the number of threads are out of range
   */
  public ModelSettings settings() {
    if (threads != null) {
      ModelSettings.checkThreads("--threads", threads);
    }
    ModelSettings node = ModelSettings.from(new ConfigOptions().load());
    String name = backend == null ? node.backend() : backend;
    if (!Arrays.asList(ModelSettings.COMPUTING.split(", ")).contains(name)) {
      throw CommandException.wrongInput(
          "%s %s: must be one of %s"
              .formatted(
                  backend == null ? "hrm.model.backend (HRM_BACKEND)" : "--backend",
                  name,
                  ModelSettings.COMPUTING));
    }
    return new ModelSettings(
        node.path(),
        name,
        node.simulatedTick(),
        threads == null ? node.threads() : threads,
        node.cuda());
  }

  /**
   * @throws CommandException when the backend does not work here
   */
  public Backend open() {
    return Models.backend(settings());
  }
}
