package hrm.model.cuda;

import static org.bytedeco.cuda.global.cudart.cudaMemGetInfo;

import hrm.model.Backend;
import hrm.model.BrokenDeviceException;
import hrm.model.Kernels;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.javacpp.SizeTPointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One NVIDIA GPU. All that is opened here shares its memory and hands blocks on by reference; a
 * device that has failed is reset by the next {@link #open}.
 */
public final class CudaBackend implements Backend {
  private static final Logger log = LoggerFactory.getLogger(CudaBackend.class);

  private final CudaOptions options;
  private final CudaProbe.Device device;
  private Gpu gpu;
  private volatile BrokenDeviceException lost; // null: a reset may still heal it

  /**
   * @throws IllegalStateException when there is no such GPU here, with the reason
   */
  public CudaBackend(CudaOptions options) {
    String obstacle = CudaProbe.obstacle(options.device());
    if (obstacle != null) {
      throw new IllegalStateException("the CUDA backend does not work here: " + obstacle);
    }
    this.device = CudaProbe.ask().devices().get(options.device());
    this.options = options;
    this.gpu = new Gpu(device, options);
  }

  @Override
  public String name() {
    return "cuda";
  }

  @Override
  public String describe() {
    return "CUDA on %s, %s, %s"
        .formatted(
            device,
            options.precision().name().toLowerCase(java.util.Locale.ROOT),
            options.graphs() ? "cycles as graphs" : "kernels one by one");
  }

  @Override
  public boolean warmsUp() {
    return true;
  }

  @Override
  public synchronized Optional<DeviceMemory> memory() {
    try {
      return gpu.isBroken() ? Optional.empty() : Optional.of(new DeviceMemory(bytes(), free()));
    } catch (CudaException | BrokenDeviceException e) {
      return Optional.empty(); // broken since; whoever computes with it says so
    }
  }

  @Override
  public boolean isLost() {
    return lost != null;
  }

  @Override
  public synchronized Kernels open() {
    if (lost != null) {
      throw lost;
    }
    if (!gpu.isBroken()) {
      return new GpuKernels(gpu, options);
    }
    log.warn("{} has failed and is reset; what it held is lost", device);
    gpu.reset();
    try { // whether that has healed it shows with its first use
      gpu = new Gpu(device, options);
      return new GpuKernels(gpu, options);
    } catch (CudaException | BrokenDeviceException e) {
      lost =
          new BrokenDeviceException(
              device + " works only in a new process: restart this node (" + e.getMessage() + ")",
              e);
      throw lost;
    }
  }

  /** Bytes of GPU memory that are allocated here and not freed, weights and all. */
  public synchronized long bytes() {
    return gpu.bytes();
  }

  /** Allocations that are not freed. */
  public synchronized long blocks() {
    return gpu.blocks();
  }

  /** Shapes of products with an algorithm of their own beside the one for many rows. */
  public synchronized long ownAlgorithms() {
    synchronized (gpu) {
      return gpu.steadyAlgorithms.own();
    }
  }

  /** Kernels loaded, shapes of products with an algorithm, contests decided. */
  public synchronized long prepared() {
    synchronized (gpu) {
      return gpu.programs.functions() + gpu.steadyAlgorithms.shapes() + gpu.contests.size();
    }
  }

  /** What has been decided of calls that one kernel may take the place of, as it was measured. */
  synchronized Map<Contest.Entry, Contest.Outcome> contests() {
    synchronized (gpu) {
      return Map.copyOf(gpu.contests);
    }
  }

  /** Shapes for which one kernel takes the place of these calls. */
  public long joined(String what) {
    return contests().entrySet().stream()
        .filter(entry -> entry.getKey().what().equals(what) && entry.getValue().won())
        .count();
  }

  /** Free bytes of the whole device, as its driver counts them. */
  public synchronized long free() {
    try (SizeTPointer free = new SizeTPointer(1);
        SizeTPointer total = new SizeTPointer(1)) {
      gpu.use();
      gpu.runtime(cudaMemGetInfo(free, total), "cudaMemGetInfo", device);
      return free.get();
    }
  }
}
