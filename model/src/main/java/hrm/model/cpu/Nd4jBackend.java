package hrm.model.cpu;

import hrm.model.Backend;
import hrm.model.Kernels;
import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.factory.Nd4j;

/**
 * ND4J on the CPU: its off-heap memory and its OpenBLAS, with loops of ours between the products.
 */
public final class Nd4jBackend implements Backend {
  private final Cores cores;

  /**
   * @param threads cores to use, at least 1
   */
  public Nd4jBackend(int threads) {
    Nd4j.getBackend(); // loads the native libraries
    openblas.blas_set_num_threads(1); // we spread products over the cores ourselves
    this.cores = new Cores(threads);
  }

  @Override
  public String name() {
    return "nd4j";
  }

  @Override
  public String describe() {
    return "ND4J %s, %d threads"
        .formatted(Nd4j.getBackend().getClass().getSimpleName(), cores.count());
  }

  @Override
  public Kernels open() {
    return new CpuKernels(cores);
  }
}
