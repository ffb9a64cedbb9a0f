package hrm.cluster.operate;

import hrm.cluster.cli.Json;
import hrm.proto.ClusterReport;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "status",
    description = {
      "Show a cluster: members and roles, devices, slots, segments and ticks per second, jobs in",
      "flight, lag, redeliveries. Any node knows of all; rates are taken over one second."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Where a node asks for a token, set HRM_HTTP_TOKEN.",
      "",
      "Example: hrm status --watch",
      "Example: hrm status --json --node 127.0.0.1:8559"
    })
public final class StatusCommand implements Callable<Integer> {
  private static final long INTERVAL_MILLIS = 1_000;

  @Option(
      names = "--node",
      paramLabel = "HOST:PORT",
      description = "HTTP address of any node (default: " + NodeClient.DEFAULT + ").")
  String node;

  @Option(names = "--json", description = "Print one JSON object; with --watch one a second.")
  boolean json;

  @Option(names = "--watch", description = "Show it again every second until Ctrl-C.")
  boolean watch;

  private int height; // lines of the last picture, on a terminal

  @Override
  public Integer call() throws Exception {
    NodeClient client = NodeClient.of(node);
    ClusterReport before = client.cluster();
    do {
      Thread.sleep(INTERVAL_MILLIS);
      ClusterReport now = client.cluster();
      show(now, new Rates(before));
      before = now;
    } while (watch);
    return 0;
  }

  private void show(ClusterReport cluster, Rates rates) {
    if (json) {
      Json.print(ClusterJson.of(cluster, rates));
      return;
    }
    List<String> lines = new ClusterText(cluster, rates).lines();
    boolean inPlace = watch && Boolean.getBoolean("hrm.terminal.out");
    StringBuilder text = new StringBuilder();
    if (inPlace && height > 0) {
      text.append("\033[").append(height).append("A\033[J");
    } else if (height > 0) {
      text.append('\n');
    }
    lines.forEach(line -> text.append(line).append('\n'));
    System.out.print(text);
    System.out.flush();
    height = lines.size();
  }
}
