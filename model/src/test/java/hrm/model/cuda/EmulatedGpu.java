package hrm.model.cuda;

import static java.nio.charset.StandardCharsets.UTF_8;

import hrm.model.cuda.CudaSourcesTest.Tools;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A GPU that is emulated on the CPU: our kernels compiled by g++, and a small library in place of
 * CUDA's. A Java machine that is started with {@link #properties} and {@link #environment} finds it
 * where it looks for a driver.
 */
public final class EmulatedGpu {
  /** Variable: the launch after which the device breaks. */
  public static final String FATAL_LAUNCH = "EMULATED_FATAL_LAUNCH";

  /** Variable: 1 where who asks next is the first to be told of that. */
  public static final String TOLD_LATE = "EMULATED_TOLD_LATE";

  /** Variable: 1 where a reset does not heal it. */
  public static final String STAYS_BROKEN = "EMULATED_STAYS_BROKEN";

  /** Variable: the question for a product's algorithms that fails. */
  static final String FAILING_CHOICE = "EMULATED_FAILING_CHOICE";

  /** Variable: how many there are, 1 or 2; 1 if not given. */
  static final String DEVICES = "EMULATED_DEVICES";

  /** Variable: the first number of its compute capability, 9 if not given. */
  public static final String MAJOR = "EMULATED_MAJOR";

  private static final String ALL = "libcuda.so.1";
  private static final List<String> LIBRARIES =
      List.of("libcudart.so.13", "libcublas.so.13", "libcublasLt.so.13", "libnvrtc.so.13");
  private static final Pattern KERNEL =
      Pattern.compile("extern \"C\" EMULATED_KERNEL void\\s+(\\w+)");

  private final String compiler;
  private final Path folder;

  private EmulatedGpu(String compiler, Path folder) {
    this.compiler = compiler;
    this.folder = folder.toAbsolutePath();
  }

  /**
   * @param folder keeps what is made, and gives it again while no source has changed
   * @return empty where there is no g++ for x86-64
   */
  public static synchronized Optional<EmulatedGpu> in(Path folder)
      throws IOException, InterruptedException {
    String compiler = Tools.find("g++");
    boolean here = System.getProperty("os.arch").equals("amd64");
    if (here && compiler == null && "true".equals(System.getenv("CI"))) {
      throw new AssertionError("CI needs a compiler: apt-get install g++");
    }
    if (!here || compiler == null) {
      System.out.println("no g++ for x86-64 here: there is no emulated GPU");
      return Optional.empty();
    }
    EmulatedGpu gpu = new EmulatedGpu(compiler, Files.createDirectories(folder));
    gpu.build();
    return Optional.of(gpu);
  }

  /** {@code key=value} each. */
  public List<String> properties() {
    return List.of(
        "hrm.cuda.driver=true",
        "java.library.path=" + folder,
        "org.bytedeco.javacpp.pathsFirst=true");
  }

  public Map<String, String> environment() {
    return Map.of(
        "LD_LIBRARY_PATH", folder.toString(), "XDG_CACHE_HOME", folder.resolve("cache").toString());
  }

  /** One library holds all; those that the presets link to are empty and lead to it. */
  private void build() throws IOException, InterruptedException {
    StringBuilder source = new StringBuilder(text("emulated.h"));
    Programs.HEADERS.forEach(header -> source.append(Programs.resource(header + ".cuh")));
    for (String name : Programs.SOURCES) {
      source.append(text(name + ".cu"));
    }
    source.append(text("emulated_device.cpp"));
    Path made = folder.resolve("emulated.cpp.made");
    if (Files.exists(made) && Files.readString(made).contentEquals(source)) {
      return;
    }
    Files.deleteIfExists(made);
    Path file = Files.writeString(folder.resolve("emulated.cpp"), source);
    StringBuilder kernels = new StringBuilder(source);
    kernels(file).forEach(name -> kernels.append("REGISTER(").append(name).append(")\n"));
    Files.writeString(file, kernels);
    library(ALL, List.of("-O3", "-w", "-DEMULATED_KERNEL="), file);
    Path empty = Files.writeString(folder.resolve("empty.cpp"), "");
    for (String library : LIBRARIES) {
      library(library, List.of("-Wl,--no-as-needed", "-L.", "-l:" + ALL), empty);
    }
    Files.writeString(made, source);
  }

  private Set<String> kernels(Path file) throws IOException, InterruptedException {
    Matcher found = KERNEL.matcher(gcc("-E", "-P", file.toString()).replace('\n', ' '));
    Set<String> names = new LinkedHashSet<>();
    while (found.find()) {
      names.add(found.group(1));
    }
    return names;
  }

  private void library(String name, List<String> options, Path source)
      throws IOException, InterruptedException {
    List<String> all =
        new ArrayList<>(
            List.of("-fPIC", "-shared", "-Wl,-soname," + name, "-o", name, source.toString()));
    all.addAll(options);
    gcc(all.toArray(String[]::new));
  }

  private String gcc(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(compiler, "-std=c++17"));
    command.addAll(List.of(arguments));
    Tools.Result result = Tools.run(command, folder, 1200);
    if (result.status() != 0) {
      throw new IllegalStateException(result.output());
    }
    return result.output();
  }

  private static String text(String resource) throws IOException {
    try (InputStream in = EmulatedGpu.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), UTF_8);
    }
  }
}
