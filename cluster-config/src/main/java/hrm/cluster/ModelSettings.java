package hrm.cluster;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.List;

/** What {@code hrm.model} says; every key is explained in model.conf. */
record ModelSettings(List<Path> path, String backend, int threads) {
  private static final List<String> BACKENDS = List.of("auto", "nd4j", "nd4j-ops", "reference");

  ModelSettings {
    path = List.copyOf(path);
    if (!BACKENDS.contains(backend)) {
      throw new IllegalArgumentException(
          "hrm.model.backend = %s: must be one of %s"
              .formatted(backend, String.join(", ", BACKENDS)));
    }
    if (threads < 0 || threads > 1024) {
      throw new IllegalArgumentException(
          "hrm.model.threads = %d: must be from 1 to 1024, or 0 for all cores".formatted(threads));
    }
  }

  static ModelSettings from(Config root) {
    Config config = root.getConfig("hrm.model");
    return new ModelSettings(
        Texts.list(config, "path").stream().map(Path::of).toList(),
        config.getString("backend"),
        config.getInt("threads"));
  }

  /** Cores to use on this machine. */
  int cores() {
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }
}
