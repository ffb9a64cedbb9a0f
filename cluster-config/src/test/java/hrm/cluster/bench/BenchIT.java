package hrm.cluster.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import hrm.cluster.Main;
import hrm.cluster.cli.Home;
import hrm.cluster.cli.Printed;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The benchmarks of the cluster, small: what they print, not how fast anything is. */
@Tag("alone")
class BenchIT {
  @RegisterExtension final Printed out = Printed.onStdout();

  @BeforeEach
  void listen() {
    System.setProperty("hrm.home", Path.of("..").toAbsolutePath().normalize().toString());
  }

  @AfterEach
  void stopListening() {
    System.clearProperty("hrm.home");
  }

  private JsonObject bench(String... args) {
    assertEquals(0, Main.run(args));
    return out.json();
  }

  @Test
  void scaling_oneAndTwoNodes_everyJobOnceAndCalledSimulated() {
    JsonObject report =
        bench(
            "bench",
            "scaling",
            "--nodes",
            "1,2",
            "--jobs",
            "24",
            "--segments",
            "2",
            "--slots",
            "4",
            "--json");
    assertEquals("simulated", report.get("backend").getAsString());
    assertEquals(2, report.getAsJsonArray("rows").size());
    JsonObject two = report.getAsJsonArray("rows").get(1).getAsJsonObject();
    assertEquals(
        Set.of(
            "nodes",
            "jobs",
            "duplicates",
            "jobs_per_second",
            "ratio_to_linear",
            "share_of_device",
            "machine_busy",
            "least_node",
            "most_node"),
        two.keySet());
    assertEquals(48, two.get("jobs").getAsInt());
    assertEquals(0, two.get("duplicates").getAsInt());
    assertTrue(two.get("least_node").getAsDouble() > 0);
  }

  @Test
  void dispatcher_small_saysItsLimit() {
    JsonObject row =
        bench("bench", "dispatcher", "--planners", "2", "--jobs", "100", "--rounds", "1", "--json");
    assertEquals(Set.of("planners", "places", "jobs", "jobs_per_second"), row.keySet());
    assertTrue(row.get("jobs_per_second").getAsDouble() > 0);
  }

  @Test
  void trace_small_tracesWhatItSays() {
    JsonObject report =
        bench(
            "bench",
            "trace",
            "--model",
            Home.get().path().resolve("models/sudoku-4x4").toString(),
            "--jobs",
            "20",
            "--segments",
            "2",
            "--rounds",
            "1",
            "--json");
    assertEquals(0, report.get("dropped").getAsLong());
    var rows = report.getAsJsonArray("rows");
    assertEquals(0, rows.get(0).getAsJsonObject().get("events_per_job").getAsDouble());
    assertTrue(
        rows.get(2).getAsJsonObject().getAsJsonObject("cpu_ratio").get("median").getAsDouble() > 0);
    // Submit, Admit and Finished twice each, admitted, 2 segments of 2 cycles of 5 and 1, halted
    assertEquals(30, rows.get(2).getAsJsonObject().get("events_per_job").getAsDouble(), 0.5);
    assertEquals(0, rows.get(3).getAsJsonObject().get("events_per_job").getAsDouble(), 0.5);
  }

  @Test
  void distance_twoProcesses_statesCrossInBothTypes() {
    JsonObject report =
        bench(
            "bench",
            "distance",
            "--batch",
            "64",
            "--rounds",
            "1",
            "--segments",
            "4",
            "--computed",
            "0",
            "--json");
    assertTrue(report.get("copies_each_way").getAsInt() < 3);
    assertTrue(report.get("frame_check").getAsString().startsWith("refused: hrm.actors"));
    JsonObject colocated = report.getAsJsonArray("rows").get(0).getAsJsonObject();
    JsonObject float32 = report.getAsJsonArray("rows").get(1).getAsJsonObject();
    JsonObject bfloat16 = report.getAsJsonArray("rows").get(2).getAsJsonObject();
    assertTrue(float32.get("device").getAsString().startsWith("simulated"));
    assertEquals(0, colocated.get("bytes").getAsLong());
    long states = 3L * 64 * 82 * 512; // z_L and z_H + inputs there, z_L back
    assertTrue(float32.get("bytes").getAsLong() > 3 * states);
    assertTrue(bfloat16.get("bytes").getAsLong() < 3 * states);
    assertEquals(
        Set.of(
            "device",
            "placement",
            "batch",
            "ms",
            "beyond_colocated_ms",
            "bytes",
            "serialise_ms",
            "pack_ms",
            "serialise_share",
            "pack_share"),
        float32.keySet());
  }
}
