package hrm.model.reference;

import hrm.model.Backend;
import hrm.model.Kernels;

/** Slow, obvious Java on one thread: what the other backends are tested against. */
public final class ReferenceBackend implements Backend {
  @Override
  public String name() {
    return "reference";
  }

  @Override
  public String describe() {
    return "plain Java on one thread, for checking the others";
  }

  @Override
  public Kernels open() {
    return new ReferenceKernels();
  }
}
