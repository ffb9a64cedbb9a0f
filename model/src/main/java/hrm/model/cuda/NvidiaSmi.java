package hrm.model.cuda;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The driver's own tool, for a machine whose CUDA libraries are not those that we call. */
final class NvidiaSmi {
  private NvidiaSmi() {}

  /** What it lists; nothing where there is no such tool or it fails. */
  static List<CudaProbe.Device> devices() {
    String fields = "--query-gpu=name,compute_cap,memory.total";
    try {
      Process process =
          new ProcessBuilder("nvidia-smi", fields, "--format=csv,noheader,nounits")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      String text = new String(process.getInputStream().readAllBytes());
      boolean ended = process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0;
      return ended ? parse(text) : List.of();
    } catch (IOException e) {
      return List.of();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    }
  }

  /** Lines of name, capability and MiB. */
  static List<CudaProbe.Device> parse(String text) {
    List<CudaProbe.Device> devices = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String[] fields = line.split(",");
      if (fields.length == 3 && fields[1].strip().matches("\\d+\\.\\d+")) {
        String[] capability = fields[1].strip().split("\\.");
        long mib = fields[2].strip().matches("\\d+") ? Long.parseLong(fields[2].strip()) : 0;
        devices.add(
            new CudaProbe.Device(
                devices.size(),
                fields[0].strip(),
                Integer.parseInt(capability[0]),
                Integer.parseInt(capability[1]),
                mib << 20));
      }
    }
    return List.copyOf(devices);
  }
}
