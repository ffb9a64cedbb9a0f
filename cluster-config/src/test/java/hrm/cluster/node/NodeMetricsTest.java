package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hrm.model.Backend.DeviceMemory;
import hrm.proto.NodeReport;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What no scrape of a node without a GPU and TLS shows; the rest is MetricsIT's. */
class NodeMetricsTest {
  private static List<String> memory(Optional<DeviceMemory> memory) {
    NodeMetrics metrics =
        new NodeMetrics(
            NodeReport::getDefaultInstance,
            () -> memory,
            Map::of,
            measures -> {},
            Map::of,
            Map::of,
            () -> true);
    return points(metrics, "hrm_device_memory_bytes", "state");
  }

  private static List<String> points(NodeMetrics metrics, String name, String label) {
    return metrics.collect().stream()
        .filter(family -> family.getMetadata().getPrometheusName().equals(name))
        .flatMap(family -> ((GaugeSnapshot) family).getDataPoints().stream())
        .map(point -> point.getLabels().get(label) + " " + (long) point.getValue())
        .sorted()
        .toList();
  }

  @Test
  void certificates_areShownWithTheirEnds() {
    NodeMetrics metrics =
        new NodeMetrics(
            NodeReport::getDefaultInstance,
            Optional::empty,
            Map::of,
            measures -> {},
            Map::of,
            () -> Map.of("node", Instant.ofEpochSecond(1_700_000_000)),
            () -> true);
    assertEquals(
        List.of("node 1700000000"),
        points(metrics, "hrm_certificate_expiry_timestamp_seconds", "certificate"));
  }

  @Test
  void deviceMemory_isShownWhereThereIsAny() {
    assertEquals(List.of("allocated 7", "free 9"), memory(Optional.of(new DeviceMemory(7, 9))));
    assertEquals(List.of(), memory(Optional.empty()));
  }
}
