package hrm.cluster.operate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import hrm.cluster.cli.ProtoJson;
import hrm.proto.ClusterReport;
import hrm.proto.GatewayReport;
import hrm.proto.NodeReport;
import hrm.proto.PlannerReport;
import hrm.proto.WorkerReport;
import org.junit.jupiter.api.Test;

class RatesTest {
  private static NodeReport node(long pid, long uptime, long segments, long ticks) {
    return NodeReport.newBuilder()
        .setName("n")
        .setAddress("h:1")
        .setProcessId(pid)
        .setUptimeMillis(uptime)
        .addPlanners(
            PlannerReport.newBuilder()
                .setModel("m")
                .setSegments(segments)
                .setSlotsUsed(3)
                .setSlotsTotal(32))
        .addWorkers(
            WorkerReport.newBuilder()
                .setModel("m")
                .setWorkers(2)
                .setTicks(ticks)
                .setBusyNanos(uptime * 1_000_000))
        .setGateway(GatewayReport.newBuilder().setCompleted(segments).setLag(7))
        .build();
  }

  private static ClusterReport cluster(NodeReport node) {
    return ClusterReport.newBuilder()
        .addMembers(ClusterReport.Member.newBuilder().setAddress("h:1").setReport(node))
        .addMembers(ClusterReport.Member.newBuilder().setAddress("h:2").setStatus("up"))
        .build();
  }

  @Test
  void twoReadings_giveRatesByTheNodesOwnClock() {
    NodeReport now = node(1, 2_500, 350, 80);
    Rates rates = new Rates(cluster(node(1, 500, 150, 20)));
    assertEquals(100, rates.segments(now, now.getPlanners(0)).getAsDouble());
    assertEquals(30, rates.ticks(now, now.getWorkers(0)).getAsDouble());
    assertEquals(0.5, rates.busy(now, now.getWorkers(0)).getAsDouble());
    assertEquals(100, rates.completed(now).getAsDouble());
  }

  @Test
  void newProcessAtTheSameAddress_hasNoRatesYet() {
    NodeReport now = node(2, 2_500, 350, 80);
    Rates rates = new Rates(cluster(node(1, 500, 150, 20)));
    assertTrue(rates.segments(now, now.getPlanners(0)).isEmpty());
    assertTrue(rates.completed(now).isEmpty());
  }

  @Test
  void json_hasRatesAndSums_andMembersWithoutAReport() {
    JsonObject json =
        ClusterJson.of(cluster(node(1, 2_500, 350, 80)), new Rates(cluster(node(1, 500, 150, 20))));
    JsonObject totals = json.getAsJsonObject("totals");
    assertEquals(2, totals.get("members").getAsInt());
    assertEquals(1, totals.get("answering").getAsInt());
    assertEquals(3, totals.get("slots_used").getAsInt());
    assertEquals(100, totals.get("segments_per_second").getAsDouble());
    assertEquals(30, totals.get("ticks_per_second").getAsDouble());
    assertEquals(7, totals.get("lag").getAsInt());
    assertEquals(
        cluster(node(1, 2_500, 350, 80)), ProtoJson.cluster(json.toString())); // rates are ignored
  }

  @Test
  void text_showsWhoDoesNotAnswer() {
    String text =
        String.join(
            "\n", new ClusterText(cluster(node(1, 61_000, 350, 80)), new Rates(null)).lines());
    assertTrue(text.contains("?     h:2"), text);
    assertTrue(text.contains("unreachable"), text);
    assertTrue(text.contains("1m01s"), text);
  }
}
