package hrm.cluster.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import hrm.proto.NodeReport;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.producer.MockProducer;
import org.junit.jupiter.api.Test;

class MetricsTest {
  private static List<Thread> looking() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("hrm-metrics"))
        .toList();
  }

  /** A gateway begins anew with new clients for as long as its broker does not answer. */
  @Test
  void clientsThatAreClosed_areNotLookedAtAgain() throws Exception {
    NodeMetrics node =
        new NodeMetrics(
            NodeReport::getDefaultInstance,
            Optional::empty,
            Map::of,
            measures -> {},
            Map::of,
            Map::of,
            () -> true);
    try (Metrics metrics = new Metrics(node)) {
      for (int life = 0; life < 3; life++) {
        Runnable closed = metrics.opened(new MockProducer<byte[], byte[]>());
        List<Thread> looking = looking();
        assertEquals(1, looking.size());
        closed.run();
        looking.get(0).join(20_000);
        assertEquals(List.of(), looking());
      }
    }
  }
}
