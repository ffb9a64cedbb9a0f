package hrm.model;

import hrm.model.cpu.Nd4jBackend;
import hrm.model.nd4j.ArrayBackend;
import hrm.model.reference.ReferenceBackend;
import hrm.model.simulated.SimulatedBackend;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The backends by their names in {@code hrm.model.backend}. */
public final class Backends {
  private static final Logger log = LoggerFactory.getLogger(Backends.class);

  private static final Duration SIMULATED_TICK = Duration.ofMillis(5);

  private Backends() {}

  /**
   * @param name auto, nd4j, nd4j-ops, reference or simulated; auto falls back to reference where
   *     ND4J's native libraries do not load
   * @param threads cores to use; 0 for all
   * @throws IllegalArgumentException on another name
   */
  public static Backend named(String name, int threads) {
    return named(name, threads, SIMULATED_TICK);
  }

  /**
   * As {@link #named(String, int)}.
   *
   * @param simulatedTick how long a tick takes on the simulated backend
   */
  public static Backend named(String name, int threads, Duration simulatedTick) {
    int cores = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    switch (name) {
      case "nd4j":
        return nd4j(cores);
      case "nd4j-ops":
        return new ArrayBackend();
      case "reference":
        return new ReferenceBackend();
      case "simulated":
        return new SimulatedBackend(simulatedTick);
      case "auto":
        try {
          return nd4j(cores);
        } catch (LinkageError | RuntimeException e) {
          log.warn(
              "ND4J's native libraries do not load here ({}); the model runs on the slow reference"
                  + " backend",
              e.toString());
          return new ReferenceBackend();
        }
      default:
        throw new IllegalArgumentException(
            "hrm.model.backend is '%s'; it must be auto, nd4j, nd4j-ops, reference or simulated"
                .formatted(name));
    }
  }

  /** ND4J on the device that its backend on the class path is for. */
  private static Backend nd4j(int cores) {
    return ArrayBackend.isCuda() ? new ArrayBackend() : new Nd4jBackend(cores);
  }
}
