package hrm.cluster.operate;

import com.google.gson.JsonObject;
import hrm.cluster.cli.CommandException;
import hrm.cluster.node.Node;
import hrm.proto.ClusterReport;
import hrm.proto.NodeReport;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "drain",
    description = {
      "Make a node finish what it holds, or hand it over, leave its cluster, and end with exit code 0.",
      "Waits until it has left."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "hrm status has the names. Where a node asks for a token, set HRM_HTTP_TOKEN.",
      "",
      "Example: hrm drain node-2"
    })
public final class DrainCommand implements Callable<Integer> {
  private static final long INTERVAL_MILLIS = 200;

  @Parameters(paramLabel = "NODE", description = "Name of the node that is to leave.")
  String name;

  @Option(
      names = "--node",
      paramLabel = "HOST:PORT",
      description =
          "HTTP address of any node of its cluster (default: " + NodeClient.DEFAULT + ").")
  String node;

  @Override
  public Integer call() throws Exception {
    NodeClient client = NodeClient.of(node);
    ClusterReport cluster = client.cluster();
    if (cluster.getMembersList().stream().noneMatch(m -> m.getReport().getName().equals(name))) {
      throw CommandException.wrongInput(
          "no node that answers is called \"%s\"; there are %s".formatted(name, names(cluster)));
    }
    String missed = missed(name, cluster);
    JsonObject told = client.drain(name);
    if (!missed.isEmpty()) {
      System.err.printf(
          "%s is the last %s: until another one starts, jobs wait in Kafka%n", name, missed);
    }
    long limit = System.nanoTime() + told.get("limit_millis").getAsLong() * 1_000_000;
    boolean itself = cluster.getSeenBy().equals(name);
    String address = told.get("address").getAsString();
    System.err.printf("%s at %s finishes what it holds ...%n", name, address);
    while (isThere(client, address, itself)) {
      if (System.nanoTime() > limit) {
        throw CommandException.failed(
            "%s is still a member after %d s, when its process has ended or should have; its log says why"
                .formatted(name, told.get("limit_millis").getAsLong() / 1000));
      }
      Thread.sleep(INTERVAL_MILLIS);
    }
    System.out.printf("%s has left%n", name);
    return 0;
  }

  private static String names(ClusterReport cluster) {
    return cluster.getMembersList().stream()
        .filter(ClusterReport.Member::hasReport)
        .map(member -> member.getReport().getName())
        .collect(Collectors.joining(", "));
  }

  /** Roles that no other node which serves has; empty when it is not missed. */
  static String missed(String name, ClusterReport cluster) {
    Set<String> roles = new TreeSet<>();
    Set<String> others = new TreeSet<>();
    for (ClusterReport.Member member : cluster.getMembersList()) {
      NodeReport report = member.getReport();
      boolean serves = member.getReachable() && report.getState().equals(Node.SERVING);
      if (report.getName().equals(name)) {
        roles.addAll(member.getRolesList());
      } else if (serves) {
        others.addAll(member.getRolesList());
      }
    }
    roles.removeAll(others);
    return String.join(" and ", roles);
  }

  private static boolean isThere(NodeClient client, String address, boolean itself) {
    try {
      return client.cluster().getMembersList().stream()
          .anyMatch(
              member ->
                  member.getAddress().equals(address) && !member.getStatus().equals("removed"));
    } catch (NodeClient.Silent | CommandException e) {
      if (itself) {
        return false; // it was its own endpoint that we asked
      }
      throw e;
    }
  }
}
