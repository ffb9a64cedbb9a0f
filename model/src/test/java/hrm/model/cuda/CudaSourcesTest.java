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

/** Every kernel source, alone and without headers, as NVRTC will get it. */
class CudaSourcesTest {
  private static final List<Integer> CHIPS = List.of(80, 86, 89, 90, 100);

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
    for (String name : Programs.SOURCES) {
      Path source = folder.resolve(name + ".cu");
      Files.writeString(source, Programs.source(name));
      List<String> command = new ArrayList<>(List.of(nvcc, "-std=c++17", "-fatbin", "-Werror", "all-warnings"));
      for (int chip : CHIPS) {
        command.add("-gencode=arch=compute_%d,code=sm_%d".formatted(chip, chip));
      }
      command.addAll(List.of("-o", folder.resolve(name + ".fatbin").toString(), source.toString()));
      Tools.Result result = Tools.run(command, folder, 120);
      if (result.status() != 0) {
        failures.add(result.output());
      }
    }
    assertEquals(List.of(), failures);
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
      Process process =
          builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
      boolean ended = process.waitFor(seconds, TimeUnit.SECONDS);
      if (!ended) {
        process.destroyForcibly().waitFor();
      }
      String text = Files.readString(output);
      return new Result(ended ? process.exitValue() : -1, ended ? text : text + "\nnot in time");
    }
  }
}
