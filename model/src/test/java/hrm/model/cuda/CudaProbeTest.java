package hrm.model.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import hrm.model.Backends;
import java.util.List;
import org.junit.jupiter.api.Test;

class CudaProbeTest {
  private static CudaProbe.Device chip(int major, int minor) {
    return new CudaProbe.Device(0, "a GPU", major, minor, 80L << 30);
  }

  @Test
  void nd4jsCuda_runsFromKeplerToAda_notOnHopper() {
    assertFalse(chip(3, 5).runsNd4j());
    assertTrue(chip(3, 7).runsNd4j());
    assertTrue(chip(7, 0).runsNd4j());
    assertTrue(chip(8, 6).runsNd4j());
    assertTrue(chip(8, 9).runsNd4j());
    assertFalse(chip(9, 0).runsNd4j());
    assertFalse(chip(10, 0).runsNd4j());
    assertFalse(chip(12, 0).runsNd4j());
  }

  @Test
  void ours_runFromAmpereOn() {
    assertFalse(chip(7, 5).runsOurs());
    assertTrue(chip(8, 0).runsOurs());
    assertTrue(chip(12, 0).runsOurs());
  }

  @Test
  void nvidiaSmisList_isRead_andOtherLinesAreNot() {
    List<CudaProbe.Device> devices =
        NvidiaSmi.parse(
            "NVIDIA H100 80GB HBM3, 9.0, 81559\nno devices were found\nTesla T4, 7.5, 15360\n");
    assertEquals(2, devices.size());
    assertEquals(
        new CudaProbe.Device(0, "NVIDIA H100 80GB HBM3", 9, 0, 81559L << 20), devices.get(0));
    assertEquals(7, devices.get(1).major());
  }

  @Test
  void withoutADriver_cudaIsRefusedWithTheReason_andAutoTakesAnother() {
    String before = System.setProperty("hrm.cuda.driver", "false");
    try {
      assertEquals("no NVIDIA driver", CudaProbe.ask().reason());
      IllegalStateException e =
          assertThrows(IllegalStateException.class, () -> Backends.named("cuda", 1));
      assertEquals("the CUDA backend does not work here: no NVIDIA driver", e.getMessage());
      assertEquals("nd4j", Backends.named("auto", 1).name());
    } finally {
      if (before == null) {
        System.clearProperty("hrm.cuda.driver");
      } else {
        System.setProperty("hrm.cuda.driver", before);
      }
    }
  }
}
