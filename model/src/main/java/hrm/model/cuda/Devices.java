package hrm.model.cuda;

import static org.bytedeco.cuda.global.cudart.cuDeviceGetName;
import static org.bytedeco.cuda.global.cudart.cuDeviceTotalMem;
import static org.bytedeco.cuda.global.cudart.cudaDevAttrComputeCapabilityMajor;
import static org.bytedeco.cuda.global.cudart.cudaDevAttrComputeCapabilityMinor;
import static org.bytedeco.cuda.global.cudart.cudaDevAttrMultiProcessorCount;
import static org.bytedeco.cuda.global.cudart.cudaDeviceGetAttribute;
import static org.bytedeco.cuda.global.cudart.cudaGetDeviceCount;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.cuda.global.cublas;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.cuda.global.nvrtc;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.SizeTPointer;

/** The driver's list of devices; touching this class loads the runtime library and the driver. */
final class Devices {
  private Devices() {}

  static List<CudaProbe.Device> all() {
    Loader.load(cudart.class);
    int[] count = new int[1];
    Cuda.runtime(cudaGetDeviceCount(count), "cudaGetDeviceCount", "");
    List<CudaProbe.Device> devices = new ArrayList<>();
    for (int i = 0; i < count[0]; i++) {
      devices.add(
          new CudaProbe.Device(
              i,
              name(i),
              attribute(cudaDevAttrComputeCapabilityMajor, i),
              attribute(cudaDevAttrComputeCapabilityMinor, i),
              memory(i)));
    }
    return devices;
  }

  /** Loads what products and kernels need besides. */
  static void libraries() {
    Loader.load(cublas.class);
    Loader.load(nvrtc.class);
  }

  static int multiprocessors(int device) {
    return attribute(cudaDevAttrMultiProcessorCount, device);
  }

  private static int attribute(int attribute, int device) {
    int[] value = new int[1];
    Cuda.runtime(
        cudaDeviceGetAttribute(value, attribute, device), "cudaDeviceGetAttribute", attribute);
    return value[0];
  }

  /** cudart's ordinals are the driver's: both obey CUDA_VISIBLE_DEVICES. */
  private static String name(int device) {
    byte[] text = new byte[256];
    Cuda.driver(cuDeviceGetName(text, text.length, device), "cuDeviceGetName", device);
    int end = 0;
    while (end < text.length && text[end] != 0) {
      end++;
    }
    return new String(text, 0, end, StandardCharsets.UTF_8);
  }

  private static long memory(int device) {
    try (SizeTPointer bytes = new SizeTPointer(1)) {
      Cuda.driver(cuDeviceTotalMem(bytes, device), "cuDeviceTotalMem", device);
      return bytes.get();
    }
  }
}
