package hrm.model.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.cuda.CudaSourcesTest.Tools;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The whole CUDA backend over a GPU that is emulated on the CPU: our kernels compiled by g++,
 * CUDA's libraries replaced by a small one. The checks are those of the GPU machine, {@code
 * CudaCheck}.
 */
class CudaEmulatedTest {
  private static final List<String> LIBRARIES =
      List.of("libcudart.so.13", "libcublas.so.13", "libcublasLt.so.13", "libnvrtc.so.13");
  private static final Pattern KERNEL =
      Pattern.compile("extern \"C\" EMULATED_KERNEL void\\s+(\\w+)");

  @TempDir static Path folder;

  private static boolean built;

  @Test
  void kernelsModelsAndTraining_equalReference() throws Exception {
    String said = check("tiny", Map.of());
    assertTrue(said.contains("products with own algorithms FLOAT32: "), said);
    assertFalse(said.contains("products with own algorithms FLOAT32: 0 "), said);
  }

  @Test
  void kernelsOfOlderChips_equalReference() throws Exception {
    check("races", Map.of("EMULATED_MAJOR", "8"));
  }

  @Test
  void deviceError_namesTheCall_andTheNextOpenWorks() throws Exception {
    check("broken", Map.of("EMULATED_FATAL_LAUNCH", "500"));
  }

  private String check(String mode, Map<String, String> environment) throws Exception {
    String compiler = Tools.find("g++");
    if (compiler == null || !System.getProperty("os.arch").equals("amd64")) {
      System.out.println("no g++ for x86-64 here: the CUDA backend was not emulated");
      return "";
    }
    if (!built) {
      build(compiler);
      built = true;
    }
    ProcessBuilder child =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx1g",
            "-Dhrm.cuda.driver=true",
            "-Djava.library.path=" + folder,
            "-Dorg.bytedeco.javacpp.pathsFirst=true",
            "-cp",
            System.getProperty("java.class.path"),
            "hrm.model.CudaCheck",
            folder.resolve("report.json").toString(),
            mode);
    child.environment().put("LD_LIBRARY_PATH", folder.toString());
    child.environment().put("XDG_CACHE_HOME", folder.resolve("cache").toString());
    child.environment().putAll(environment);
    Tools.Result result = Tools.run(child, folder, 600);
    List<String> bad = result.output().lines().filter(line -> !line.startsWith("ok")).toList();
    System.out.println(String.join("\n", bad));
    assertEquals(0, result.status(), () -> String.join("\n", bad));
    return result.output();
  }

  /** One library holds all; those that the presets link to are empty and lead to it. */
  private void build(String compiler) throws Exception {
    StringBuilder source = new StringBuilder(text("emulated.h"));
    Programs.HEADERS.forEach(header -> source.append(Programs.resource(header + ".cuh")));
    for (String name : Programs.SOURCES) {
      source.append(text(name + ".cu"));
    }
    source.append(text("emulated_device.cpp"));
    Path file = folder.resolve("emulated.cpp");
    Files.writeString(file, source);
    String expanded = gcc(compiler, "-E", "-P", file.toString()).replace('\n', ' ');
    Matcher kernels = KERNEL.matcher(expanded);
    Set<String> names = new LinkedHashSet<>();
    while (kernels.find()) {
      names.add(kernels.group(1));
    }
    names.forEach(name -> source.append("REGISTER(").append(name).append(")\n"));
    Files.writeString(file, source);
    String soname = "-Wl,-soname,";
    gcc(
        compiler,
        "-O3",
        "-w",
        "-fPIC",
        "-shared",
        "-DEMULATED_KERNEL=",
        soname + "libcuda.so.1",
        "-o",
        "libcuda.so.1",
        file.toString());
    Path empty = Files.writeString(folder.resolve("empty.cpp"), "");
    for (String library : LIBRARIES) {
      gcc(
          compiler,
          "-fPIC",
          "-shared",
          "-Wl,--no-as-needed",
          soname + library,
          "-o",
          library,
          empty.toString(),
          "-L.",
          "-l:libcuda.so.1");
    }
  }

  private String gcc(String compiler, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(compiler, "-std=c++17"));
    command.addAll(List.of(arguments));
    Tools.Result result = Tools.run(command, folder, 240);
    assertEquals(0, result.status(), result::output);
    return result.output();
  }

  private static String text(String resource) throws IOException {
    try (InputStream in = CudaEmulatedTest.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
