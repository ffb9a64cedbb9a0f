package hrm.model.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Every kernel source, alone and without headers, as NVRTC will get it. */
@Execution(ExecutionMode.CONCURRENT)
class CudaSourcesTest {
  private static final List<String> OTHER_CHIPS = List.of("80", "86", "89", "100");

  @TempDir Path folder;

  @Test
  void sources_needNoHeader() {
    for (String name : Programs.SOURCES) {
      assertTrue(
          Programs.source(name).lines().noneMatch(line -> line.strip().startsWith("#include")),
          name + ".cu includes a header, which NVRTC would not find");
    }
  }

  @Test
  void sources_compileForEveryChip_whereNvccIs() throws Exception {
    String nvcc = Tools.find("nvcc");
    if (nvcc == null) {
      System.out.println("no nvcc here: the kernels were not compiled");
      return;
    }
    List<String> failures = new ArrayList<>();
    StringBuilder all = new StringBuilder();
    Programs.HEADERS.forEach(header -> all.append(Programs.resource(header + ".cuh")));
    for (String name : Programs.SOURCES) {
      failures.addAll(
          compile(nvcc, name, Programs.source(name), List.of("-arch=sm_90a", "-cubin")));
      all.append(Programs.resource(name + ".cu"));
    }
    // Whether they compile at all is the same at O1, in half the time.
    List<String> options = new ArrayList<>(List.of("-fatbin", "--threads=2"));
    options.addAll(List.of("-Xcicc", "-O1", "-Xptxas", "-O1"));
    for (String chip : OTHER_CHIPS) {
      options.add("-gencode=arch=compute_%s,code=sm_%s".formatted(chip, chip));
    }
    failures.addAll(compile(nvcc, "all", all.toString(), options));
    assertEquals(List.of(), failures);
  }

  /** What the compiler says where it fails; nothing where it does not. */
  private List<String> compile(String nvcc, String name, String source, List<String> options)
      throws Exception {
    Path file = Files.writeString(folder.resolve(name + ".cu"), source);
    List<String> command = new ArrayList<>(List.of(nvcc, "-std=c++17", "-Werror", "all-warnings"));
    command.addAll(options);
    command.addAll(List.of("-o", folder.resolve(name + ".out").toString(), file.toString()));
    Tools.Result result = Tools.run(command, folder, 1200);
    return result.status() == 0 ? List.of() : List.of(result.output());
  }

  /** A program on this machine, its output and its end. */
  static final class Tools {
    record Result(int status, String output) {}

    private Tools() {}

    /** Where a program is; null when it is not on the path. */
    static String find(String program) {
      for (String folder : System.getenv("PATH").split(":")) {
        Path file = Path.of(folder, program);
        if (Files.isExecutable(file)) {
          return file.toString();
        }
      }
      return null;
    }

    static Result run(List<String> command, Path folder, int seconds)
        throws IOException, InterruptedException {
      return run(new ProcessBuilder(command).directory(folder.toFile()), folder, seconds);
    }

    static Result run(ProcessBuilder builder, Path folder, int seconds)
        throws IOException, InterruptedException {
      Path output = Files.createTempFile(folder, "output", ".txt");
      Process process = builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
      boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly().waitFor();
      }
      String text = Files.readString(output);
      return new Result(ended ? process.exitValue() : -1, ended ? text : text + "\nnot in time");
    }
  }
}
