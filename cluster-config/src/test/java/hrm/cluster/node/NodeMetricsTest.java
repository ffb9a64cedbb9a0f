package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hrm.model.Backend.DeviceMemory;
import hrm.proto.NodeReport;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What no scrape of a node without a GPU shows; the rest is MetricsIT's. */
class NodeMetricsTest {
  private static List<String> memory(Optional<DeviceMemory> memory) {
    NodeMetrics metrics =
        new NodeMetrics(
            NodeReport::getDefaultInstance,
            () -> memory,
            Map::of,
            measures -> {},
            Map::of,
            () -> true);
    return metrics.collect().stream()
        .filter(
            family -> family.getMetadata().getPrometheusName().equals("hrm_device_memory_bytes"))
        .flatMap(family -> ((GaugeSnapshot) family).getDataPoints().stream())
        .map(point -> point.getLabels().get("state") + " " + (long) point.getValue())
        .sorted()
        .toList();
  }

  @Test
  void deviceMemory_isShownWhereThereIsAny() {
    assertEquals(List.of("allocated 7", "free 9"), memory(Optional.of(new DeviceMemory(7, 9))));
    assertEquals(List.of(), memory(Optional.empty()));
  }
}
