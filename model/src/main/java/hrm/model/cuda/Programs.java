package hrm.model.cuda;

import static org.bytedeco.cuda.global.cudart.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;
import static org.bytedeco.cuda.global.cudart.cuFuncSetAttribute;
import static org.bytedeco.cuda.global.cudart.cuModuleGetFunction;
import static org.bytedeco.cuda.global.cudart.cuModuleLoadData;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.cuda.cudart.CUfunc_st;
import org.bytedeco.cuda.cudart.CUmod_st;
import org.bytedeco.javacpp.BytePointer;

/** Our kernels on one GPU, compiled for its chip; a source is loaded when first called for. */
final class Programs {
  /** What sources begin with; all but the first, those of products on tensor cores. */
  static final List<String> HEADERS =
      List.of("common", "mma", "wgmma", "softmax", "attention_backward");

  /** The sources under resources. */
  static final List<String> SOURCES =
      List.of(
          "elements",
          "norms",
          "gates",
          "attention",
          "attention_mma",
          "attention_mma_few",
          "attention_mma_backward",
          "attention_mma_short_backward",
          "attention_wgmma",
          "gates_wgmma",
          "few_rows_wgmma",
          "embedding",
          "heads",
          "updates");

  private final Gpu gpu;
  private final Compiler compiler;
  private final Map<String, CUmod_st> modules = new LinkedHashMap<>();
  private final Map<String, CUfunc_st> functions = new LinkedHashMap<>();

  Programs(Gpu gpu, Path cache) {
    this.gpu = gpu;
    this.compiler = new Compiler(gpu.device.major(), gpu.device.minor(), cache);
  }

  /** A whole source as the compiler gets it. */
  static String source(String name) {
    int headers = name.contains("mma") ? HEADERS.size() : 1;
    StringBuilder source = new StringBuilder();
    HEADERS.subList(0, headers).forEach(header -> source.append(resource(header + ".cuh")));
    return source.append(resource(name + ".cu")).toString();
  }

  static String resource(String file) {
    try (InputStream in = Programs.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException("hrm/model/cuda/" + file + " is not on the class path");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * @param kernel its name in the source
   * @param shared bytes of shared memory that a call gives a block beyond the kernel's own
   * @throws CudaException with the compiler's log when the source does not compile
   */
  synchronized CUfunc_st function(String source, String kernel, int shared) {
    CUfunc_st known = functions.get(kernel);
    if (known == null) {
      CUmod_st module = modules.computeIfAbsent(source, this::load);
      known = new CUfunc_st();
      gpu.use(); // the driver looks in the calling thread's context
      gpu.driver(cuModuleGetFunction(known, module, kernel), "cuModuleGetFunction", kernel);
      if (shared > 0) {
        gpu.driver(
            cuFuncSetAttribute(known, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, shared),
            "cuFuncSetAttribute",
            kernel + ", " + shared + " bytes of shared memory");
      }
      functions.put(kernel, known);
    }
    return known;
  }

  /** How many kernels are loaded. */
  synchronized int functions() {
    return functions.size();
  }

  private CUmod_st load(String name) {
    CUmod_st module = new CUmod_st();
    byte[] image = compiler.compile(name, source(name));
    gpu.use();
    try (BytePointer bytes = new BytePointer(image.length + 1L)) {
      bytes.put(image, 0, image.length).put(image.length, (byte) 0); // PTX is a C string
      gpu.driver(cuModuleLoadData(module, bytes), "cuModuleLoadData", name + ".cu");
    }
    return module;
  }
}
