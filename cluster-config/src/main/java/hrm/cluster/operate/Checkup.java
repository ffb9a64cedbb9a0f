package hrm.cluster.operate;

import com.typesafe.config.Config;
import hrm.cluster.cli.CommandException;
import hrm.cluster.cli.Home;
import hrm.cluster.settings.ModelSettings;
import hrm.cluster.settings.Models;
import hrm.gateway.Brokers;
import hrm.gateway.GatewaySettings;
import hrm.gateway.OffsetExpiry;
import hrm.gateway.TopicCheck;
import hrm.model.Backends;
import hrm.model.Model;
import hrm.model.cuda.CudaProbe;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Whether this machine has what a node needs. */
final class Checkup {
  private static final Duration BROKER_PATIENCE = Duration.ofSeconds(4);
  private static final long LEAST_MEMORY_MIB = 2048;

  /** One look at one thing; says what it found, or what to do. */
  record Finding(String check, boolean ok, boolean required, String says) {
    boolean isMissing() {
      return required && !ok;
    }

    String mark() {
      return ok ? "ok" : required ? "FIX" : "note";
    }
  }

  private final Config config;
  private final Home home;

  Checkup(Config config, Home home) {
    this.config = config;
    this.home = home;
  }

  List<Finding> all() {
    List<Finding> findings = new ArrayList<>();
    findings.add(java());
    findings.add(cpu());
    findings.add(memory());
    findings.add(nd4j());
    findings.add(gpu());
    findings.addAll(new DeploymentCheckup(config).all());
    findings.add(kafka());
    findings.addAll(models());
    return findings;
  }

  private static Finding java() {
    int version = Runtime.version().feature();
    return new Finding(
        "java",
        version >= 17,
        true,
        version >= 17
            ? "%s (%s)".formatted(Runtime.version(), System.getProperty("java.vendor"))
            : "version %d; install a JDK, 17 or newer".formatted(version));
  }

  private static Finding cpu() {
    int cores = Runtime.getRuntime().availableProcessors();
    List<String> features =
        Stream.of("avx2", "fma", "avx512f").filter(cpuFlags()::contains).toList();
    String core = System.getenv("OPENBLAS_CORETYPE");
    return new Finding(
        "cpu",
        true,
        true,
        "%d cores; %s%s"
            .formatted(
                cores,
                features.isEmpty() ? "no vector features known" : String.join(", ", features),
                core == null ? "" : "; OpenBLAS runs its " + core + " kernels"));
  }

  private static List<String> cpuFlags() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
          .findFirst()
          .map(line -> List.of(line.split("\\s+")))
          .orElse(List.of());
    } catch (IOException | java.io.UncheckedIOException e) {
      return List.of(); // not Linux
    }
  }

  private static Finding memory() {
    var system =
        (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long mib = system.getTotalMemorySize() >> 20;
    boolean enough = mib >= LEAST_MEMORY_MIB;
    return new Finding(
        "memory",
        enough,
        true,
        enough
            ? "%d MiB".formatted(mib)
            : "%d MiB; a node and a broker want %d MiB".formatted(mib, LEAST_MEMORY_MIB));
  }

  private Finding nd4j() {
    try {
      return new Finding(
          "nd4j",
          true,
          true,
          Backends.named("nd4j", ModelSettings.from(config).threads()).describe());
    } catch (LinkageError | RuntimeException e) {
      boolean needed = !ModelSettings.from(config).backend().equals("reference");
      return new Finding(
          "nd4j",
          false,
          needed,
          "does not load (%s); use an x86-64 or arm64 machine with glibc, or set hrm.model.backend = reference"
              .formatted(CommandException.reason(e)));
    }
  }

  private Finding gpu() {
    ModelSettings settings = ModelSettings.from(config);
    String obstacle = CudaProbe.obstacle(settings.cuda().device());
    if (obstacle == null) {
      CudaProbe.Device device = CudaProbe.ask().devices().get(settings.cuda().device());
      boolean used = settings.backend().equals("auto") || settings.backend().equals("cuda");
      return new Finding(
          "gpu",
          true,
          false,
          device
              + (used
                  ? "; models run on it"
                  : "; hrm.model.backend = " + settings.backend() + " leaves it unused"));
    }
    return new Finding(
        "gpu",
        false,
        settings.backend().equals("cuda"),
        obstacle
            + "; the CUDA backend wants compute capability 8.0 or newer, the driver, and CUDA 13's"
            + " cudart, cublasLt and nvrtc on LD_LIBRARY_PATH"
            + (settings.backend().equals("cuda") ? "" : "; models run on the CPU"));
  }

  private Finding kafka() {
    GatewaySettings settings = GatewaySettings.from(config);
    try {
      Brokers.await(settings, BROKER_PATIENCE);
      TopicCheck topics = TopicCheck.of(settings);
      List<String> differences = new ArrayList<>(topics.differences());
      if (topics.present().contains(settings.topics().jobs())) {
        OffsetExpiry.of(settings).ifPresent(differences::add);
      }
      boolean asMade = differences.isEmpty();
      return new Finding(
          "kafka",
          asMade,
          asMade, // a topic of another shape may be meant
          "%s answers; %s%s"
              .formatted(
                  settings.bootstrap(),
                  topics.missing().isEmpty()
                      ? "the topics are there"
                      : "a node creates the topics " + String.join(", ", topics.missing()),
                  asMade ? "" : "; " + String.join("; ", differences)));
    } catch (RuntimeException e) {
      return new Finding("kafka", false, true, CommandException.reason(e));
    }
  }

  private List<Finding> models() {
    List<Finding> findings = new ArrayList<>();
    try {
      for (Path folder : Models.folders(ModelSettings.from(config), home)) {
        findings.add(model(folder));
      }
    } catch (CommandException e) {
      findings.add(new Finding("model", false, true, e.getMessage()));
    }
    return findings;
  }

  private static Finding model(Path folder) {
    try {
      Model model = Model.load(folder);
      String puzzle = model.puzzle().map(kind -> kind.name()).orElse("no puzzle of known rules");
      return new Finding(
          "model",
          true,
          true,
          "%s solves %s, sha256 %s, of its config %.12s"
              .formatted(model.name(), puzzle, model.sha256(), model.config().sha256()));
    } catch (IOException | RuntimeException e) {
      return new Finding("model", false, true, CommandException.reason(e));
    }
  }
}
