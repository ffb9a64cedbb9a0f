package hrm.model.cuda;

import java.nio.file.Path;

/**
 * How a GPU is used.
 *
 * @param device its number among those that CUDA_VISIBLE_DEVICES leaves, from 0
 * @param precision of what flows between blocks and into products; sums are float32 always
 * @param graphs whether whole cycles are recorded once and repeated
 * @param batchInvariant whether products take only algorithms that give a row the same bits in
 *     every batch, so that a sample's numbers do not depend on the batch it is in; otherwise the
 *     fastest
 * @param joining whether one kernel takes the place of several calls
 * @param memory bytes that this process may take of it; 0 for all there are
 * @param cache folder for compiled kernels, or null for none
 */
public record CudaOptions(
    int device,
    Precision precision,
    boolean graphs,
    boolean batchInvariant,
    Joining joining,
    long memory,
    Path cache) {
  /** What is in memory between blocks. */
  public enum Precision {
    FLOAT32,
    BFLOAT16
  }

  /** One kernel in the place of several calls, always with the same bits. */
  public enum Joining {
    /** Where it was faster when both were tried on this GPU. */
    MEASURED,
    ALWAYS,
    NEVER
  }

  /**
   * The first GPU in bfloat16 with graphs, rows the same in every batch, joined where faster, all
   * of its memory, and {@link #defaultCache}.
   */
  public static CudaOptions standard() {
    return new CudaOptions(0, Precision.BFLOAT16, true, true, Joining.MEASURED, 0, defaultCache());
  }

  /** These, but for the precision. */
  public CudaOptions withPrecision(Precision other) {
    return new CudaOptions(device, other, graphs, batchInvariant, joining, memory, cache);
  }

  /** These, with cycles recorded or kernels one by one. */
  public CudaOptions withGraphs(boolean other) {
    return new CudaOptions(device, precision, other, batchInvariant, joining, memory, cache);
  }

  /** These, but for the memory: bytes, 0 for all there are. */
  public CudaOptions withMemory(long other) {
    return new CudaOptions(device, precision, graphs, batchInvariant, joining, other, cache);
  }

  /** These, but for the joining. */
  public CudaOptions withJoining(Joining other) {
    return new CudaOptions(device, precision, graphs, batchInvariant, other, memory, cache);
  }

  /** hrm/kernels in the user's cache folder. */
  public static Path defaultCache() {
    String base = System.getenv("XDG_CACHE_HOME");
    Path folder =
        base == null || base.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(base);
    return folder.resolve("hrm").resolve("kernels");
  }
}
