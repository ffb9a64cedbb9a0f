package hrm.model.nd4j;

import hrm.model.Backend;
import hrm.model.Kernels;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Plain ND4J array operations on whatever device ND4J's backend is: the GPU with nd4j-cuda. On the
 * CPU it is right but slow; there {@link hrm.model.cpu.Nd4jBackend} is meant to be used.
 */
public final class ArrayBackend implements Backend {
  @Override
  public String name() {
    return "nd4j-ops";
  }

  /** Whether ND4J's backend on the class path is its CUDA one. */
  public static boolean isCuda() {
    return "CUDA"
        .equalsIgnoreCase(Nd4j.getExecutioner().getEnvironmentInformation().getProperty("backend"));
  }

  @Override
  public String describe() {
    return "ND4J %s, array operations".formatted(Nd4j.getBackend().getClass().getSimpleName());
  }

  @Override
  public Kernels open() {
    return new ArrayKernels();
  }
}
