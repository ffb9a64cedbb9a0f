package hrm.cluster.operate;

import hrm.cluster.cli.Table;
import hrm.proto.ClusterReport;
import hrm.proto.GatewayReport;
import hrm.proto.NodeReport;
import hrm.proto.PlannerReport;
import hrm.proto.WorkerReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** A cluster as {@code hrm status} shows it to people. */
final class ClusterText {
  private final ClusterReport cluster;
  private final Rates rates;

  ClusterText(ClusterReport cluster, Rates rates) {
    this.cluster = cluster;
    this.rates = rates;
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    int members = cluster.getMembersCount();
    lines.add(
        "%d member%s, as %s sees %s"
            .formatted(
                members,
                members == 1 ? "" : "s",
                cluster.getSeenBy(),
                members == 1 ? "it" : "them"));
    for (Table table : List.of(nodes(), planners(), workers(), gateways())) {
      if (!table.isEmpty()) {
        lines.add("");
        lines.addAll(table.lines());
      }
    }
    return lines;
  }

  private Table nodes() {
    Table table = new Table("NODE", "ADDRESS", "HTTP", "ROLES", "STATUS", "STATE", ">UP", "DEVICE");
    for (ClusterReport.Member member : cluster.getMembersList()) {
      boolean known = member.hasReport();
      NodeReport node = member.getReport();
      table.add(
          known ? node.getName() : "?",
          member.getAddress(),
          known ? (node.getHttp().isEmpty() ? "off" : node.getHttp()) : "?",
          String.join(",", member.getRolesList()),
          member.getStatus(),
          state(member),
          known ? time(Duration.ofMillis(node.getUptimeMillis())) : "?",
          known ? (node.getBackend().isEmpty() ? "-" : node.getBackend()) : "?");
    }
    return table;
  }

  private static String state(ClusterReport.Member member) {
    if (!member.getReachable()) {
      return "unreachable";
    }
    return member.hasReport() ? member.getReport().getState() : "no answer";
  }

  private List<NodeReport> reports() {
    return cluster.getMembersList().stream()
        .filter(ClusterReport.Member::hasReport)
        .map(ClusterReport.Member::getReport)
        .toList();
  }

  private Table planners() {
    Table table =
        new Table(
            "PLANNER",
            "MODEL",
            ">LANES",
            ">SLOTS USED",
            ">FREE",
            ">WAITING",
            ">SEGMENTS/S",
            ">SEGMENTS");
    for (NodeReport node : reports()) {
      for (PlannerReport planner : node.getPlannersList()) {
        table.add(
            node.getName(),
            planner.getModel(),
            planner.getLanes(),
            planner.getSlotsUsed(),
            planner.getSlotsTotal() - planner.getSlotsUsed(),
            planner.getWaiting(),
            number(rates.segments(node, planner)),
            planner.getSegments());
      }
    }
    return table;
  }

  private Table workers() {
    Table table = new Table("WORKER", "MODEL", ">WORKERS", ">TICKS/S", ">BUSY", ">TICKS");
    for (NodeReport node : reports()) {
      for (WorkerReport worker : node.getWorkersList()) {
        OptionalDouble busy = rates.busy(node, worker);
        table.add(
            node.getName(),
            worker.getModel(),
            worker.getWorkers(),
            number(rates.ticks(node, worker)),
            busy.isEmpty() ? "-" : Math.round(100 * busy.getAsDouble()) + "%",
            worker.getTicks());
      }
    }
    return table;
  }

  private Table gateways() {
    Table table =
        new Table(
            "GATEWAY",
            ">IN FLIGHT",
            ">WAITING",
            ">LAG",
            ">JOBS/S",
            ">COMPLETED",
            ">REDELIVERED",
            ">DEAD LETTERS",
            ">HANDED OVER",
            ">PARTITIONS");
    for (NodeReport node : reports()) {
      if (node.hasGateway()) {
        GatewayReport gateway = node.getGateway();
        table.add(
            node.getName(),
            gateway.getInFlight(),
            gateway.getWaiting(),
            gateway.getLag(),
            number(rates.completed(node)),
            gateway.getCompleted(),
            gateway.getRedelivered(),
            gateway.getDeadLettered(),
            node.getDispatcher().getHandovers(),
            gateway.getPartitions());
      }
    }
    return table;
  }

  private static String number(OptionalDouble rate) {
    return rate.isEmpty() ? "-" : String.format(Locale.ROOT, "%.1f", rate.getAsDouble());
  }

  private static String time(Duration time) {
    if (time.toHours() > 0) {
      return "%dh%02dm".formatted(time.toHours(), time.toMinutesPart());
    }
    return time.toMinutes() > 0
        ? "%dm%02ds".formatted(time.toMinutes(), time.toSecondsPart())
        : time.toSeconds() + "s";
  }
}
