package hrm.model;

import java.util.Optional;

/** Where a model's arithmetic runs. */
public interface Backend {
  /** Short name as in {@code hrm.model.backend}: nd4j, nd4j-ops, cuda, reference, simulated. */
  String name();

  /** One sentence on the device and libraries in use. */
  String describe();

  /** Of a device with memory of its own; empty where that is the host's. */
  default Optional<DeviceMemory> memory() {
    return Optional.empty();
  }

  /**
   * In bytes.
   *
   * @param allocated by this process's models
   * @param free of the whole device
   */
  record DeviceMemory(long allocated, long free) {}

  /** Whether first segments take far longer than later ones; {@link WarmUp} is for these. */
  default boolean warmsUp() {
    return false;
  }

  /** Whether its device has failed for good in this process: {@link #open} fails from now on. */
  default boolean isLost() {
    return false;
  }

  /** A fresh stream of work; each actor opens its own. */
  Kernels open();
}
