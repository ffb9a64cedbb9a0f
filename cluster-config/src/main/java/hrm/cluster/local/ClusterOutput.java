package hrm.cluster.local;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import hrm.cluster.cli.Json;
import hrm.cluster.cli.Table;
import hrm.cluster.jobs.Delivery;
import hrm.cluster.jobs.JobJson;
import hrm.cluster.jobs.Progress;
import hrm.cluster.operate.NodeClient;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What {@code hrm cluster} says: as text, or with --json as one object. */
final class ClusterOutput {
  private final LocalCluster cluster;
  private final Progress progress;
  private final boolean json;
  private JsonObject summary;

  ClusterOutput(LocalCluster cluster, Progress progress, boolean json) {
    this.cluster = cluster;
    this.progress = progress;
    this.json = json;
  }

  /** The nodes, and what can be done with them. */
  void serving() throws InterruptedException {
    if (json) {
      Json.print(nodes());
      return;
    }
    table().lines().forEach(System.out::println);
    System.out.println("kafka  " + cluster.bootstrap());
    String node = nodeOption();
    int count = cluster.members().size();
    progress.say("");
    progress.say("watch it       hrm status --watch" + node);
    progress.say("send puzzles   hrm submit FILE --wait --bootstrap " + cluster.bootstrap());
    progress.say("remove a node  hrm drain node-%d%s".formatted(count, node));
    progress.say(
        "add a node     hrm node --name node-%d --bootstrap %s --seed %s"
            .formatted(count + 1, cluster.bootstrap(), cluster.seedText()));
    progress.say("end it         Ctrl-C");
  }

  /** Empty when a node of ours is where the commands ask anyway. */
  private String nodeOption() throws InterruptedException {
    for (LocalCluster.Member member : cluster.members()) {
      if (member.ready("http").equals(NodeClient.DEFAULT)) {
        return "";
      }
    }
    return " --node " + cluster.members().get(0).ready("http");
  }

  private Table table() throws InterruptedException {
    Table table = new Table("NODE", "ROLES", "ADDRESS", "HTTP", "DEVICE");
    for (LocalCluster.Member member : cluster.members()) {
      table.add(
          member.name(),
          member.ready("roles"),
          member.address(),
          member.ready("http"),
          member.ready("backend"));
    }
    return table;
  }

  private JsonObject nodes() throws InterruptedException {
    JsonObject object = new JsonObject();
    object.addProperty("bootstrap", cluster.bootstrap());
    JsonArray nodes = new JsonArray();
    for (LocalCluster.Member member : cluster.members()) {
      JsonObject node = new JsonObject();
      node.addProperty("name", member.name());
      JsonArray roles = new JsonArray();
      List.of(member.ready("roles").split(",")).forEach(roles::add);
      node.add("roles", roles);
      node.addProperty("address", member.address());
      node.addProperty("http", member.ready("http"));
      nodes.add(node);
    }
    object.add("nodes", nodes);
    return object;
  }

  /** The nodes, before puzzles go to them. */
  void solving() throws InterruptedException {
    summary = nodes();
    if (!json) {
      table().lines().forEach(System.out::println);
      System.out.println();
    }
  }

  /** What came of the puzzles. */
  void solved(Delivery delivery, double seconds, Map<String, Integer> byAddress) {
    Map<String, String> names = cluster.names();
    Map<String, Integer> byName = new TreeMap<>();
    byAddress.forEach(
        (node, count) -> byName.merge(names.getOrDefault(node, node), count, Integer::sum));
    double perSecond = delivery.results() / Math.max(seconds, 1e-3);
    if (json) {
      JobJson.of(delivery)
          .entrySet()
          .forEach(entry -> summary.add(entry.getKey(), entry.getValue()));
      summary.addProperty("mean_segments", Json.rounded(delivery.meanSegments(), 3));
      summary.addProperty("seconds", Json.rounded(seconds, 3));
      summary.addProperty("puzzles_per_second", Json.rounded(perSecond, 2));
      JsonObject planned = new JsonObject();
      byName.forEach(planned::addProperty);
      summary.add("results_by_planner_node", planned);
      Json.print(summary);
      return;
    }
    System.out.printf(
        "%d jobs, %d results, %d duplicates, %d dead letters%n"
            + "%d solved (%.1f%%), %.2f segments each, %.1f s, %.1f puzzles/s%n",
        delivery.jobs(),
        delivery.results(),
        delivery.duplicates(),
        delivery.deadLettered(),
        delivery.solved(),
        100.0 * delivery.solved() / delivery.jobs(),
        delivery.meanSegments(),
        seconds,
        perSecond);
    byName.forEach((node, count) -> System.out.printf("planned by %s: %d%n", node, count));
  }
}
