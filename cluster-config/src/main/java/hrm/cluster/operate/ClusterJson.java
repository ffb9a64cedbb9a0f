package hrm.cluster.operate;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import hrm.cluster.cli.Json;
import hrm.cluster.cli.ProtoJson;
import hrm.proto.ClusterReport;
import hrm.proto.NodeReport;
import java.util.OptionalDouble;

/** A cluster as {@code hrm status --json} prints it: the report with rates, and sums. */
final class ClusterJson {
  private ClusterJson() {}

  static JsonObject of(ClusterReport cluster, Rates rates) {
    JsonObject json = ProtoJson.of(cluster);
    JsonObject totals = new JsonObject();
    totals.addProperty("members", cluster.getMembersCount());
    JsonArray members = json.getAsJsonArray("members");
    for (int i = 0; i < members.size(); i++) {
      if (cluster.getMembers(i).hasReport()) {
        NodeReport node = cluster.getMembers(i).getReport();
        JsonObject shown = members.get(i).getAsJsonObject().getAsJsonObject("report");
        addRates(shown, node, rates);
        addTo(totals, node, shown);
      }
    }
    json.add("totals", totals);
    return json;
  }

  private static void addRates(JsonObject shown, NodeReport node, Rates rates) {
    for (int i = 0; i < node.getPlannersCount(); i++) {
      JsonObject planner = shown.getAsJsonArray("planners").get(i).getAsJsonObject();
      add(planner, "segments_per_second", rates.segments(node, node.getPlanners(i)));
    }
    for (int i = 0; i < node.getWorkersCount(); i++) {
      JsonObject worker = shown.getAsJsonArray("workers").get(i).getAsJsonObject();
      add(worker, "ticks_per_second", rates.ticks(node, node.getWorkers(i)));
      add(worker, "busy", rates.busy(node, node.getWorkers(i)));
    }
    if (node.hasGateway()) {
      add(shown.getAsJsonObject("gateway"), "completed_per_second", rates.completed(node));
    }
  }

  private static void add(JsonObject to, String key, OptionalDouble rate) {
    to.addProperty(key, rate.isEmpty() ? null : Json.rounded(rate.getAsDouble(), 3));
  }

  private static void addTo(JsonObject totals, NodeReport node, JsonObject shown) {
    add(totals, "answering", 1);
    node.getPlannersList()
        .forEach(
            planner -> {
              add(totals, "slots_used", planner.getSlotsUsed());
              add(totals, "slots_total", planner.getSlotsTotal());
            });
    sum(totals, shown.getAsJsonArray("planners"), "segments_per_second");
    sum(totals, shown.getAsJsonArray("workers"), "ticks_per_second");
    if (node.hasGateway()) {
      add(totals, "in_flight", node.getGateway().getInFlight());
      add(totals, "waiting", node.getGateway().getWaiting());
      add(totals, "lag", node.getGateway().getLag());
      add(totals, "completed", node.getGateway().getCompleted());
      add(totals, "redelivered", node.getGateway().getRedelivered());
      add(totals, "dead_lettered", node.getGateway().getDeadLettered());
      add(totals, "handovers", node.getDispatcher().getHandovers());
    }
  }

  private static void add(JsonObject totals, String key, long more) {
    totals.addProperty(key, (totals.has(key) ? totals.get(key).getAsLong() : 0) + more);
  }

  private static void sum(JsonObject totals, JsonArray parts, String key) {
    double before = totals.has(key) ? totals.get(key).getAsDouble() : 0;
    for (var part : parts) {
      var rate = part.getAsJsonObject().get(key);
      before += rate.isJsonNull() ? 0 : rate.getAsDouble();
    }
    totals.addProperty(key, Json.rounded(before, 3));
  }
}
