package hrm.model.cuda;

import static org.bytedeco.cuda.global.nvrtc.nvrtcCompileProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcCreateProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcDestroyProgram;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBIN;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetCUBINSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetNumSupportedArchs;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetPTX;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetPTXSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLog;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetProgramLogSize;
import static org.bytedeco.cuda.global.nvrtc.nvrtcGetSupportedArchs;
import static org.bytedeco.cuda.global.nvrtc.nvrtcVersion;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.bytedeco.cuda.nvrtc._nvrtcProgram;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** NVRTC for one chip, with its results kept in a folder: machine code, or PTX for a newer chip. */
final class Compiler {
  private static final Logger log = LoggerFactory.getLogger(Compiler.class);

  private static final int HOPPER = 90;

  private final int chip; // 10 major + minor
  private final Path cache; // or null

  Compiler(int major, int minor, Path cache) {
    this.chip = 10 * major + minor;
    this.cache = cache;
  }

  /**
   * @return an image that cuModuleLoadData takes
   */
  byte[] compile(String name, String source) {
    int[] known = supported();
    boolean exact = Arrays.stream(known).anyMatch(arch -> arch == chip);
    int arch = exact ? chip : Arrays.stream(known).filter(a -> a <= chip).max().orElse(chip);
    String own = exact && arch == HOPPER ? "a" : ""; // with what only this chip has, wgmma
    String option = "--gpu-architecture=" + (exact ? "sm_" : "compute_") + arch + own;
    Path file = cache == null ? null : cache.resolve(key(name, source, option));
    if (file != null && Files.isRegularFile(file)) {
      try {
        return Files.readAllBytes(file);
      } catch (IOException e) {
        log.debug("cannot read {}; compiling", file, e);
      }
    }
    byte[] image = compile(name, source, option, exact);
    if (file != null) {
      keep(file, image);
    }
    return image;
  }

  private static int[] supported() {
    int[] count = new int[1];
    Cuda.nvrtc(nvrtcGetNumSupportedArchs(count), "nvrtcGetNumSupportedArchs", "");
    int[] archs = new int[count[0]];
    Cuda.nvrtc(nvrtcGetSupportedArchs(archs), "nvrtcGetSupportedArchs", "");
    return archs;
  }

  private static byte[] compile(String name, String source, String option, boolean machineCode) {
    _nvrtcProgram program = new _nvrtcProgram();
    try (BytePointer text = new BytePointer(source, StandardCharsets.UTF_8);
        BytePointer file = new BytePointer(name + ".cu", StandardCharsets.UTF_8);
        PointerPointer<BytePointer> options = new PointerPointer<>(option, "--std=c++17")) {
      Cuda.nvrtc(
          nvrtcCreateProgram(
              program, text, file, 0, (PointerPointer<?>) null, (PointerPointer<?>) null),
          "nvrtcCreateProgram",
          name);
      int result = nvrtcCompileProgram(program, 2, options);
      if (result != 0) {
        Cuda.nvrtc(
            result, "nvrtcCompileProgram", name + ".cu for " + option + ":\n" + log(program));
      }
      try (SizeTPointer size = new SizeTPointer(1)) {
        Cuda.nvrtc(
            machineCode ? nvrtcGetCUBINSize(program, size) : nvrtcGetPTXSize(program, size),
            "nvrtcGet...Size",
            name);
        byte[] image = new byte[Math.toIntExact(size.get())];
        Cuda.nvrtc(
            machineCode ? nvrtcGetCUBIN(program, image) : nvrtcGetPTX(program, image),
            "nvrtcGet...",
            name);
        return image;
      } finally {
        nvrtcDestroyProgram(program);
      }
    }
  }

  private static String log(_nvrtcProgram program) {
    try (SizeTPointer size = new SizeTPointer(1)) {
      nvrtcGetProgramLogSize(program, size);
      byte[] text = new byte[Math.toIntExact(size.get())];
      nvrtcGetProgramLog(program, text);
      return new String(text, StandardCharsets.UTF_8).strip();
    }
  }

  private static String key(String name, String source, String option) {
    int[] major = new int[1];
    int[] minor = new int[1];
    Cuda.nvrtc(nvrtcVersion(major, minor), "nvrtcVersion", "");
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update((option + major[0] + '.' + minor[0] + source).getBytes(StandardCharsets.UTF_8));
      return name + '-' + HexFormat.of().formatHex(digest.digest(), 0, 16) + ".bin";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every Java has SHA-256
    }
  }

  /** Moved into place whole, since several processes may do so at once. */
  private static void keep(Path file, byte[] image) {
    try {
      Files.createDirectories(file.getParent());
      Path part = Files.createTempFile(file.getParent(), "part", null);
      Files.write(part, image);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      log.warn("compiled kernels cannot be kept in {} ({})", file.getParent(), e.toString());
    }
  }
}
