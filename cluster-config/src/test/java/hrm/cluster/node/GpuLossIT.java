package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import hrm.cluster.chaos.Fleet;
import hrm.cluster.chaos.Fleet.Spec;
import hrm.cluster.jobs.Load;
import hrm.cluster.local.TinyFleet;
import hrm.cluster.settings.Role;
import hrm.model.cuda.EmulatedGpu;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Jobs through Kafka to two nodes with a GPU each, emulated ones, of which one breaks. */
@Timeout(300)
@Tag("alone")
class GpuLossIT {
  private static final int SEGMENTS = 4;
  private static final int FATAL_LAUNCH = 600;

  @RegisterExtension final TinyFleet tiny = new TinyFleet();

  @TempDir Path folder;
  private Fleet fleet;
  private Load load;

  private static Spec solver(String name, EmulatedGpu gpu, Map<String, String> more) {
    Map<String, String> environment = new HashMap<>(gpu.environment());
    environment.putAll(more);
    return new Spec(name, Set.of(Role.PLANNER, Role.WORKER), gpu.properties(), environment);
  }

  private int answers(String node) {
    return load.answers("akka://hrm@" + fleet.address(node) + ":" + fleet.port());
  }

  private String log(String node) {
    try {
      return Files.readString(folder.resolve("fleet").resolve(node + ".log"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void start(Map<String, String> breaking) throws Exception {
    EmulatedGpu gpu = EmulatedGpu.in(Path.of("../model/target/emulated")).orElse(null);
    assumeTrue(gpu != null, "no g++ for x86-64");
    Map<String, String> more = new HashMap<>(breaking);
    more.put(EmulatedGpu.FATAL_LAUNCH, Integer.toString(FATAL_LAUNCH));
    fleet =
        tiny.of(
            folder.resolve("fleet"),
            List.of(
                new Spec("door", Set.of(Role.GATEWAY), List.of()),
                solver("breaks", gpu, more),
                solver("stays", gpu, Map.of())),
            "hrm.model.backend=cuda");
    fleet.startAll();
    load = tiny.load(SEGMENTS);
  }

  private void assertEverythingSolvedOnce() {
    load.assertExactlyOnce();
    assertTrue(log("breaks").contains("cuLaunchKernel("), "the error names no call");
    assertEquals(load.delivery.jobs(), load.delivery.solved());
  }

  @Test
  void deviceBreaks_jobsGoOn_andItsNodeAnswersAgain() throws Exception {
    start(Map.of());
    load.until(
        () ->
            log("breaks")
                .contains(
                    "emulated GPU (compute capability 9.0, 4096 MiB) has failed and is reset"));
    int before = answers("breaks");
    load.until(() -> answers("breaks") > before && answers("stays") > 0);
    assertEverythingSolvedOnce();
    assertTrue(fleet.isAlive("breaks"));
  }

  /** What real devices are after an illegal access: good for a new process only. */
  @Test
  void deviceThatNoResetHeals_endsItsNode_andJobsGoOn() throws Exception {
    start(Map.of(EmulatedGpu.STAYS_BROKEN, "1"));
    load.until(() -> !fleet.isAlive("breaks"));
    load.untilAnswered(20);
    assertEverythingSolvedOnce();
    assertTrue(log("breaks").contains("works only in a new process"), log("breaks"));
  }
}
