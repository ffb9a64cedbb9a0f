package hrm.model.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.cuda.CudaSourcesTest.Tools;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The whole CUDA backend over an emulated GPU. The checks are those of the GPU machine, {@code
 * CudaCheck}.
 */
@Execution(ExecutionMode.CONCURRENT)
class CudaEmulatedTest {
  @TempDir Path folder;

  @Test
  void kernelsModelsAndTraining_equalReference() throws Exception {
    Optional<String> said = check("tiny", Map.of());
    if (said.isPresent()) {
      String all = said.get();
      assertTrue(all.contains("products with own algorithms FLOAT32: "), all);
      assertFalse(all.contains("products with own algorithms FLOAT32: 0 "), all);
    }
  }

  @Test
  void kernelsOfOlderChips_equalReference() throws Exception {
    check("races", Map.of(EmulatedGpu.MAJOR, "8"));
  }

  @Test
  void shortOfMemory_givesTheSameBits_andLeavesNothingTaken() throws Exception {
    check("memory", Map.of());
  }

  @Test
  void deviceError_namesTheCall_andTheNextOpenWorks() throws Exception {
    check("broken", Map.of(EmulatedGpu.FATAL_LAUNCH, "500"));
  }

  @Test
  void deviceThatNoResetHeals_isLost() throws Exception {
    check("lost", Map.of(EmulatedGpu.FATAL_LAUNCH, "500", EmulatedGpu.STAYS_BROKEN, "1"));
  }

  @Test
  void deviceThatBreaksUnnoticed_hasNoFigures() throws Exception {
    check("late", Map.of(EmulatedGpu.FATAL_LAUNCH, "20", EmulatedGpu.TOLD_LATE, "1"));
  }

  @Test
  void otherDeviceBreaks_thisOneGoesOn() throws Exception {
    check(
        "two",
        Map.of(
            EmulatedGpu.DEVICES, "2", EmulatedGpu.FATAL_LAUNCH, "20", EmulatedGpu.TOLD_LATE, "1"));
  }

  @Test
  void choiceOfAnAlgorithmFails_isMadeTheNextTime() throws Exception {
    check("choice", Map.of(EmulatedGpu.FAILING_CHOICE, "1"));
  }

  /** What the checks say; empty where there is no emulated GPU. */
  private Optional<String> check(String mode, Map<String, String> environment) throws Exception {
    Optional<EmulatedGpu> gpu = EmulatedGpu.in(Path.of("target/emulated"));
    if (gpu.isEmpty()) {
      return Optional.empty();
    }
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx1g");
    gpu.get().properties().forEach(property -> command.add("-D" + property));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            "hrm.model.CudaCheck",
            folder.resolve("report.json").toString(),
            mode));
    ProcessBuilder child = new ProcessBuilder(command);
    child.environment().putAll(gpu.get().environment());
    child.environment().putAll(environment);
    Tools.Result result = Tools.run(child, folder, 3000);
    List<String> bad = result.output().lines().filter(line -> !line.startsWith("ok")).toList();
    System.out.println(String.join("\n", bad));
    assertEquals(0, result.status(), () -> String.join("\n", bad));
    return Optional.of(result.output());
  }
}
