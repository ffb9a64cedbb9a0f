package hrm.cluster;

import com.typesafe.config.Config;
import hrm.gateway.Brokers;
import hrm.gateway.GatewaySettings;
import hrm.gateway.Topics;
import hrm.model.Backends;
import hrm.model.Model;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
              .formatted(Main.reason(e)));
    }
  }

  private static Finding gpu() {
    String reach =
        "ND4J's CUDA backend (built with -Pnd4j-cuda, nd4j-cuda-11.6) works on GPUs of compute"
            + " capability 3.7 to 8.6 and on Ada (8.9, which runs 8.6 code), not on Hopper,"
            + " Blackwell or newer";
    String gpus = run("nvidia-smi", "--query-gpu=name,compute_cap", "--format=csv,noheader");
    if (!gpus.isBlank()) {
      return new Finding(
          "gpu",
          true,
          false,
          gpus.strip().replace("\n", "; ") + "; unused by this build. " + reach);
    }
    boolean driver =
        Stream.of("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib/aarch64-linux-gnu")
            .anyMatch(folder -> Files.exists(Path.of(folder, "libcuda.so.1")));
    return new Finding(
        "gpu",
        false,
        false,
        (driver ? "a driver, but no GPU answers" : "none, and none is needed") + ". " + reach);
  }

  /** Its output; empty when there is no such program or it fails. */
  private static String run(String... command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      String output = new String(process.getInputStream().readAllBytes());
      return process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0 ? output : "";
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  private Finding kafka() {
    GatewaySettings settings = GatewaySettings.from(config);
    try {
      Brokers.await(settings, BROKER_PATIENCE);
      List<String> created = Topics.ensure(settings);
      return new Finding(
          "kafka",
          true,
          true,
          "%s answers; topics %s"
              .formatted(
                  settings.bootstrap(),
                  created.isEmpty() ? "are there" : "were created: " + String.join(", ", created)));
    } catch (RuntimeException e) {
      return new Finding("kafka", false, true, Main.reason(e));
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
          "%s solves %s, sha256 %s".formatted(model.name(), puzzle, model.sha256()));
    } catch (IOException | RuntimeException e) {
      return new Finding("model", false, true, Main.reason(e));
    }
  }
}
