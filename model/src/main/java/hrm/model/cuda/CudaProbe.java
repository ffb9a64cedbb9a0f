package hrm.model.cuda;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What GPUs there are, asked of the driver without failing where there is none. */
public final class CudaProbe {
  /** The oldest chip that our kernels are for: bfloat16 on tensor cores. */
  private static final int LEAST_MAJOR = 8;

  private static final List<String> TRACES =
      List.of("/dev/nvidiactl", "/dev/nvidia0", "/dev/dxg", "/proc/driver/nvidia/version");

  private static final String HOST_LIMIT = "org.bytedeco.javacpp.maxPhysicalBytes"; // 0: none

  private CudaProbe() {}

  /**
   * One GPU.
   *
   * @param ordinal among those that CUDA_VISIBLE_DEVICES leaves
   * @param major and minor of its compute capability
   */
  public record Device(int ordinal, String name, int major, int minor, long memory) {
    /** Whether our own kernels run on it. */
    public boolean runsOurs() {
      return major >= LEAST_MAJOR;
    }

    /** Whether it has wgmma, products of four warps: only Hopper has. */
    public boolean hasWarpgroups() {
      return major == 9 && minor == 0;
    }

    /** Whether nd4j-cuda-11.6 has machine code for it: sm_37 to sm_86, the latter on 8.9 too. */
    public boolean runsNd4j() {
      int capability = 10 * major + minor;
      return capability >= 37 && capability <= 89;
    }

    @Override
    public String toString() {
      return "%s (compute capability %d.%d, %d MiB)".formatted(name, major, minor, memory >> 20);
    }
  }

  /**
   * @param devices what there is, whether or not it can be used from here
   * @param reason why none can be used from here; null when they can
   */
  public record Answer(List<Device> devices, String reason) {
    /** The devices, the reason, or both, in words. */
    public String describe() {
      String all = String.join("; ", devices.stream().map(Device::toString).toList());
      return reason == null ? all : devices.isEmpty() ? reason : all + ", but " + reason;
    }
  }

  /** Asks now. */
  public static Answer ask() {
    if (!hasDriver()) {
      return new Answer(List.of(), "no NVIDIA driver");
    }
    // JavaCPP would allow twice the heap, and counts what CUDA's libraries and driver map.
    if (System.getProperty(HOST_LIMIT) == null) {
      System.setProperty(HOST_LIMIT, "0");
    }
    try {
      List<Device> devices = Devices.all();
      return new Answer(List.copyOf(devices), devices.isEmpty() ? "no GPU is visible" : null);
    } catch (LinkageError e) {
      return new Answer(
          NvidiaSmi.devices(), "CUDA 13's libraries do not load (" + e.getMessage() + ")");
    } catch (CudaException e) {
      return new Answer(NvidiaSmi.devices(), e.getMessage());
    }
  }

  /** A look at files only, so that nothing is unpacked or loaded where it cannot work. */
  private static boolean hasDriver() {
    String forced = System.getProperty("hrm.cuda.driver"); // tests bring their own
    if (forced != null) {
      return Boolean.parseBoolean(forced);
    }
    List<String> folders =
        new ArrayList<>(
            List.of(
                "/usr/lib/x86_64-linux-gnu",
                "/usr/lib/aarch64-linux-gnu",
                "/usr/lib64",
                "/usr/lib/wsl/lib",
                "/usr/local/nvidia/lib64"));
    String path = System.getenv("LD_LIBRARY_PATH");
    folders.addAll(path == null ? List.of() : List.of(path.split(":")));
    return TRACES.stream().anyMatch(file -> Files.exists(Path.of(file)))
        || folders.stream().anyMatch(f -> Files.exists(Path.of(f, "libcuda.so.1")));
  }

  /**
   * Why our backend cannot use a device; null when it can, as far as loading the libraries tells.
   *
   * @param ordinal of the device
   */
  public static String obstacle(int ordinal) {
    Answer answer = ask();
    if (answer.reason() != null) {
      return answer.describe();
    }
    if (ordinal >= answer.devices().size()) {
      return "there is no GPU %d: %d are visible (%s); see CUDA_VISIBLE_DEVICES"
          .formatted(ordinal, answer.devices().size(), answer.describe());
    }
    Device device = answer.devices().get(ordinal);
    if (!device.runsOurs()) {
      return device + " is older than the CUDA backend's kernels: 8.0 is the least";
    }
    try {
      Devices.libraries();
      return null;
    } catch (LinkageError e) {
      return "CUDA 13's libraries do not load (" + e.getMessage() + ")";
    }
  }
}
