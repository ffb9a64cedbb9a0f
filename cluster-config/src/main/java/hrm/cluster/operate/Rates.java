package hrm.cluster.operate;

import hrm.proto.ClusterReport;
import hrm.proto.NodeReport;
import hrm.proto.PlannerReport;
import hrm.proto.WorkerReport;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalDouble;

/** How fast nodes are, from two readings; each node's own clock says how far they are apart. */
final class Rates {
  private final Map<String, NodeReport> before = new HashMap<>();

  /**
   * @param before the first reading; null for none, and so no rates
   */
  Rates(ClusterReport before) {
    if (before != null) {
      before.getMembersList().stream()
          .filter(ClusterReport.Member::hasReport)
          .forEach(member -> this.before.put(member.getAddress(), member.getReport()));
    }
  }

  OptionalDouble segments(NodeReport node, PlannerReport planner) {
    NodeReport old = before(node);
    return old == null
        ? OptionalDouble.empty()
        : rate(
            node,
            old,
            planner.getSegments()
                - old.getPlannersList().stream()
                    .filter(p -> p.getModel().equals(planner.getModel()))
                    .mapToLong(PlannerReport::getSegments)
                    .sum());
  }

  OptionalDouble ticks(NodeReport node, WorkerReport worker) {
    NodeReport old = before(node);
    return old == null
        ? OptionalDouble.empty()
        : rate(
            node,
            old,
            worker.getTicks()
                - old.getWorkersList().stream()
                    .filter(w -> w.getModel().equals(worker.getModel()))
                    .mapToLong(WorkerReport::getTicks)
                    .sum());
  }

  /** Share of the time in which a worker of this node computes. */
  OptionalDouble busy(NodeReport node, WorkerReport worker) {
    NodeReport old = before(node);
    if (old == null || worker.getWorkers() == 0) {
      return OptionalDouble.empty();
    }
    long nanos =
        worker.getBusyNanos()
            - old.getWorkersList().stream()
                .filter(w -> w.getModel().equals(worker.getModel()))
                .mapToLong(WorkerReport::getBusyNanos)
                .sum();
    OptionalDouble rate = rate(node, old, nanos);
    return rate.isEmpty()
        ? rate
        : OptionalDouble.of(Math.min(1, rate.getAsDouble() / 1e9 / worker.getWorkers()));
  }

  /** Answers committed. */
  OptionalDouble completed(NodeReport node) {
    NodeReport old = before(node);
    return old == null
        ? OptionalDouble.empty()
        : rate(node, old, node.getGateway().getCompleted() - old.getGateway().getCompleted());
  }

  /** Null when there is none of this process. */
  private NodeReport before(NodeReport node) {
    NodeReport old = before.get(node.getAddress());
    return old != null && old.getProcessId() == node.getProcessId() ? old : null;
  }

  private static OptionalDouble rate(NodeReport node, NodeReport old, long count) {
    long millis = node.getUptimeMillis() - old.getUptimeMillis();
    return millis <= 0 ? OptionalDouble.empty() : OptionalDouble.of(count * 1e3 / millis);
  }
}
