package hrm.cluster.settings;

import com.typesafe.config.Config;
import hrm.cluster.cli.Allowed;
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

  /** Those that compute, for help. */
  public static final String COMPUTING = "auto, nd4j, nd4j-ops, cuda, reference";

  private static final List<String> BACKENDS = List.of((COMPUTING + ", " + SIMULATED).split(", "));

  public ModelSettings {
    path = List.copyOf(path);
    Allowed.require(
        BACKENDS.contains(backend),
        "hrm.model.backend",
        backend,
        "one of " + String.join(", ", BACKENDS));
    Allowed.between(
        "hrm.model.simulated-tick", simulatedTick, Duration.ZERO, Duration.ofMinutes(1));
    checkThreads("hrm.model.threads", threads);
  }

  /**
   * @param key or option that says so
   * @throws IllegalArgumentException naming it, when there cannot be so many
   */
  public static void checkThreads(String key, int threads) {
    Allowed.require(
        threads >= 0 && threads <= 1024, key, threads, "from 1 to 1024, or 0 for all cores");
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
    Allowed.between("hrm.model.cuda.device", device, 0, 63);
    long memory = config.getBytes("memory");
    Allowed.require(memory >= 0, "hrm.model.cuda.memory", memory, "0 or more");
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
    Allowed.require(
        names.contains(given), "hrm.model.cuda." + key, given, String.join(" or ", names));
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
