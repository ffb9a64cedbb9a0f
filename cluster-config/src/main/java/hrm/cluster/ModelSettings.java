package hrm.cluster;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** What {@code hrm.model} says; every key is explained in model.conf. */
record ModelSettings(List<Path> path, String backend, Duration simulatedTick, int threads) {
  static final String SIMULATED = "simulated";

  private static final List<String> BACKENDS =
      List.of("auto", "nd4j", "nd4j-ops", "reference", SIMULATED);
  private static final Duration LONGEST_TICK = Duration.ofMinutes(1);

  ModelSettings {
    path = List.copyOf(path);
    if (!BACKENDS.contains(backend)) {
      throw new IllegalArgumentException(
          "hrm.model.backend = %s: must be one of %s"
              .formatted(backend, String.join(", ", BACKENDS)));
    }
    if (simulatedTick.isNegative() || simulatedTick.compareTo(LONGEST_TICK) > 0) {
      throw new IllegalArgumentException(
          "hrm.model.simulated-tick = %s: must be from 0ms to 1m".formatted(simulatedTick));
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
        config.getDuration("simulated-tick"),
        config.getInt("threads"));
  }

  boolean simulated() {
    return backend.equals(SIMULATED);
  }

  /** Cores to use on this machine. */
  int cores() {
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }
}
