package hrm.model;

import hrm.model.cpu.Nd4jBackend;
import hrm.model.cuda.CudaBackend;
import hrm.model.cuda.CudaOptions;
import hrm.model.cuda.CudaProbe;
import hrm.model.nd4j.ArrayBackend;
import hrm.model.reference.ReferenceBackend;
import hrm.model.simulated.SimulatedBackend;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The backends by their names in {@code hrm.model.backend}. */
public final class Backends {
  private static final Logger log = LoggerFactory.getLogger(Backends.class);

  private static final String ND4J_CUDA = "org/nd4j/linalg/jcublas/JCublasBackend.class";
  private static final Duration SIMULATED_TICK = Duration.ofMillis(5);

  private Backends() {}

  /**
   * @param name auto, nd4j, nd4j-ops, cuda, reference or simulated; auto takes a GPU that it has
   *     code for, else the CPU, else the reference where ND4J's native libraries do not load
   * @param threads cores to use; 0 for all
   * @throws IllegalArgumentException on another name
   * @throws IllegalStateException when that backend does not work here
   */
  public static Backend named(String name, int threads) {
    return named(name, threads, SIMULATED_TICK, CudaOptions.standard());
  }

  /** As {@link #named(String, int)}, with a simulated backend's tick. */
  public static Backend named(String name, int threads, Duration simulatedTick) {
    return named(name, threads, simulatedTick, CudaOptions.standard());
  }

  /**
   * As {@link #named(String, int)}.
   *
   * @param simulatedTick how long a tick takes on the simulated backend
   */
  public static Backend named(
      String name, int threads, Duration simulatedTick, CudaOptions options) {
    int cores = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    switch (name) {
      case "nd4j":
        return nd4j(cores);
      case "nd4j-ops":
        checkNd4jsGpu();
        return new ArrayBackend();
      case "cuda":
        return new CudaBackend(options);
      case "reference":
        return new ReferenceBackend();
      case "simulated":
        return new SimulatedBackend(simulatedTick);
      case "auto":
        return auto(cores, options);
      default:
        throw new IllegalArgumentException(
            "hrm.model.backend is '%s'; it must be auto, nd4j, nd4j-ops, cuda, reference or simulated"
                .formatted(name));
    }
  }

  private static Backend auto(int cores, CudaOptions options) {
    String obstacle = CudaProbe.obstacle(options.device());
    if (obstacle == null) {
      try {
        return new CudaBackend(options);
      } catch (LinkageError | RuntimeException e) {
        obstacle = e.toString();
      }
    }
    try {
      Backend backend = nd4j(cores);
      log.info(
          "no GPU for the CUDA backend ({}): the model runs on {}", obstacle, backend.describe());
      return backend;
    } catch (LinkageError | RuntimeException e) {
      log.warn(
          "neither the CUDA backend ({}) nor ND4J ({}) works here: the model runs on the slow"
              + " reference backend",
          obstacle,
          e.toString());
      return new ReferenceBackend();
    }
  }

  /** ND4J on the device that its backend on the class path is for. */
  private static Backend nd4j(int cores) {
    checkNd4jsGpu();
    return ArrayBackend.isCuda() ? new ArrayBackend() : new Nd4jBackend(cores);
  }

  /** Before nd4j-cuda is loaded: it fails at the first launch on a chip that it has no code for. */
  private static void checkNd4jsGpu() {
    if (Backends.class.getClassLoader().getResource(ND4J_CUDA) != null) {
      CudaProbe.Answer answer = CudaProbe.ask();
      if (answer.devices().stream().noneMatch(CudaProbe.Device::runsNd4j)) {
        throw new IllegalStateException(
            "this build's nd4j-cuda has code for compute capability 3.7 to 8.9 only, and here is %s"
                .formatted(answer.describe()));
      }
    }
  }
}
