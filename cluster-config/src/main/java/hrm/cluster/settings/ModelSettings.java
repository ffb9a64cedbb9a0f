package hrm.cluster.settings;

import com.typesafe.config.Config;
import hrm.model.cuda.CudaOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** What {@code hrm.model} says; every key is explained in model.conf. */
public record ModelSettings(
    List<Path> path, String backend, Duration simulatedTick, int threads, CudaOptions cuda) {
  public static final String SIMULATED = "simulated";

  private static final List<String> BACKENDS =
      List.of("auto", "nd4j", "nd4j-ops", "cuda", "reference", SIMULATED);
  private static final Duration LONGEST_TICK = Duration.ofMinutes(1);

  public ModelSettings {
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

  public static ModelSettings from(Config root) {
    Config config = root.getConfig("hrm.model");
    return new ModelSettings(
        Texts.list(config, "path").stream().map(Path::of).toList(),
        config.getString("backend"),
        config.getDuration("simulated-tick"),
        config.getInt("threads"),
        cuda(config.getConfig("cuda")));
  }

  private static CudaOptions cuda(Config config) {
    int device = config.getInt("device");
    if (device < 0 || device > 63) {
      throw new IllegalArgumentException(
          "hrm.model.cuda.device = %d: must be from 0 to 63".formatted(device));
    }
    long memory = config.getBytes("memory");
    if (memory < 0) {
      throw new IllegalArgumentException(
          "hrm.model.cuda.memory = %d: must be 0 or more".formatted(memory));
    }
    String cache = config.getString("cache");
    return new CudaOptions(
        device,
        choice(config, "precision", CudaOptions.Precision.values()),
        config.getBoolean("graphs"),
        config.getBoolean("batch-invariant"),
        choice(config, "joining", CudaOptions.Joining.values()),
        memory,
        cache.isBlank() ? CudaOptions.defaultCache() : Path.of(cache));
  }

  private static <E extends Enum<E>> E choice(Config config, String key, E[] all) {
    String given = config.getString(key);
    List<String> names =
        Arrays.stream(all).map(one -> one.name().toLowerCase(Locale.ROOT)).toList();
    if (!names.contains(given)) {
      throw new IllegalArgumentException(
          "hrm.model.cuda.%s = %s: must be %s".formatted(key, given, String.join(" or ", names)));
    }
    return all[names.indexOf(given)];
  }

  public boolean simulated() {
    return backend.equals(SIMULATED);
  }

  /** Cores to use on this machine. */
  public int cores() {
    return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
  }
}
