package hrm.model;

/** Where a model's arithmetic runs. */
public interface Backend {
  /** Short name as in {@code hrm.model.backend}: nd4j, cuda, reference, simulated. */
  String name();

  /** One sentence on the device and libraries in use. */
  String describe();

  /** A fresh stream of work; each actor opens its own. */
  Kernels open();
}
